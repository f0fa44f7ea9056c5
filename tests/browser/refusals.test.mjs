// Every answer of the HTTP interface that is a no, as curl gets it. Origins are in origin.test.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { curl } from "./curl.mjs";
import { poll, publish, serve, until } from "./programs.mjs";
import { Socket } from "./socket.mjs";

const RESETS = {
  expired: ({ epoch }) => `${epoch}.1`,
  ahead: ({ epoch }) => `${epoch}.99`,
  epoch: ({ epoch }) => `${epoch === "1" ? "2" : "1"}.1`,
};
for (const [reset, cursor] of Object.entries(RESETS)) {
  test(`a cursor that cannot be continued is answered with a reset: ${reset}`, async (t) => {
    const server = await serve(t, "--max-events", "2");
    const cursors = [];
    for (const data of ["1", "2", "3", "4"]) cursors.push(await publish(server, data));
    const [epoch] = cursors[0].split(".");

    const after = cursor({ epoch });
    const { status, json } = await curl(t, `${server.origin}/v1/poll?topic=demo&after=${after}`);
    const { next, ...told } = json;
    assert.deepEqual([status, told], [410, { reset, floor: cursors[2], head: cursors[3] }]);
    const { events } = await poll(server, next);
    assert.deepEqual(
      events.map(({ data }) => data),
      reset === "ahead" ? [] : ["3", "4"],
      "next is the head for who was ahead, and else misses nothing that is kept",
    );
  });
}

test("a request that cannot be served is refused, with the reason in JSON", async (t) => {
  const { origin } = await serve(t);
  await refused(t, [
    [400, `${origin}/v1/poll`],
    [400, `${origin}/v1/poll?topic=demo&after=yesterday`],
    [400, `${origin}/v1/poll?topic=demo&limit=257`],
    [400, "-d", "x", `${origin}/v1/publish?topic=a&topic=b`],
    [400, "-d", "x", "-H", `Idempotency-Key: ${"k".repeat(129)}`, `${origin}/v1/publish?topic=a`],
    [404, `${origin}/nowhere`],
    [405, `${origin}/v1/publish?topic=demo`],
    [405, "-X", "DELETE", `${origin}/v1/sse?topic=demo`],
  ]);
  const { headers } = await curl(t, `${origin}/v1/publish?topic=demo`);
  assert.equal(headers.allow, "POST, OPTIONS");
});

test("a request that is too large is refused, and the connection ends", async (t) => {
  const { origin } = await serve(t, "--max-event-bytes", "1000");
  const long = "x".repeat(1001);
  for (const [status, ...words] of [
    [413, "-d", long, `${origin}/v1/publish?topic=demo`],
    [413, "-d", long, "-H", "Transfer-Encoding: chunked", `${origin}/v1/publish?topic=demo`],
    [414, `${origin}/v1/poll?topic=${"t".repeat(20_000)}`],
    [431, "-H", `X-Long: ${"h".repeat(70_000)}`, `${origin}/healthz`],
  ]) {
    const { status: got, headers } = await curl(t, ...words);
    assert.deepEqual([got, headers.connection], [status, "close"], words.join(" ").slice(0, 60));
  }
});

test("a server without a free seat says when to come back", async (t) => {
  const server = await serve(t, "--max-connections", "1");
  const { raw } = await Socket.open(t, server, "/v1/ws?topic=demo");
  const busy = await curl(t, `${server.origin}/healthz`);
  assert.equal(busy.status, 503);
  assert.match(busy.headers["retry-after"], /^\d+$/);
  raw.close();
  await until(
    "the seat is free",
    async () => (await curl(t, `${server.origin}/healthz`)).status === 200,
  );
});

async function refused(t, requests) {
  const answers = [];
  for (const [, ...args] of requests) answers.push(await curl(t, ...args));
  const expected = requests.map(([status]) => status);
  assert.deepEqual(
    answers.map(({ status }) => status),
    expected,
  );
  for (const { body } of answers) assert.match(body, /^\{"error":".+"\}$/);
}
