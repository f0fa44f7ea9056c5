// Pages of other origins, and names that are not ours: refused at every door unless they are listed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./chromium.mjs";
import { curl, startCurl } from "./curl.mjs";
import { publish, serve } from "./programs.mjs";
import { handshakeStatus, Socket } from "./socket.mjs";

const PAGE = "https://app.example";

test("a page of another origin is refused everywhere", async (t) => {
  const server = await serve(t);
  for (const origin of [PAGE, "null", `http://${server.host}.evil.example`, "http://localhost"]) {
    for (const [door, ...args] of [["poll"], ["sse"], ["publish", "-d", "x"]]) {
      const url = `${server.origin}/v1/${door}?topic=demo&wait=0`;
      const { status, headers } = await curl(t, "-H", `Origin: ${origin}`, ...args, url);
      assert.equal(status, 403, `${origin} at ${door}`);
      assert.equal(headers["access-control-allow-origin"], undefined);
    }
    assert.equal(await handshakeStatus(server, "/v1/ws?topic=demo", { origin }), 403);
  }
});

test("our own page is let in", async (t) => {
  const server = await serve(t);
  const url = `${server.origin}/v1/poll?topic=demo&wait=0`;
  assert.equal((await curl(t, "-H", `Origin: ${server.origin}`, url)).status, 200);
  await Socket.open(t, server, "/v1/ws?topic=demo", { origin: server.origin });
});

test("a listed origin is let in, and its browser is told so", async (t) => {
  const server = await serve(t, "--allow-origin", PAGE);
  const from = ["-H", `Origin: ${PAGE}`];
  for (const [door, status, ...args] of [
    ["poll", 200],
    ["publish", 201, "-d", "x"],
  ]) {
    const url = `${server.origin}/v1/${door}?topic=demo`;
    const answer = await curl(t, ...from, ...args, `${url}&wait=0`);
    assert.equal(answer.status, status);
    isOpen(answer);
  }
  const stream = startCurl(t, "-i", ...from, `${server.origin}/v1/sse?topic=demo&after=oldest`);
  const lines = [];
  while (lines.at(-1) !== "") lines.push((await stream.line()).toLowerCase());
  assert.ok(lines.includes(`access-control-allow-origin: ${PAGE}`), lines.join("\n"));
  await Socket.open(t, server, "/v1/ws?topic=demo", { origin: PAGE });

  const refused = await curl(t, ...from, `${server.origin}/v1/poll`);
  assert.equal(refused.status, 400);
  isOpen(refused);
  const other = await curl(
    t,
    "-H",
    "Origin: http://app.example",
    `${server.origin}/v1/poll?topic=demo`,
  );
  assert.equal(other.status, 403);
});

test("a preflight opens what a page needs to a listed origin", async (t) => {
  const server = await serve(t, "--allow-origin", PAGE);
  const preflight = (origin) =>
    curl(
      t,
      ...["-X", "OPTIONS", "-H", `Origin: ${origin}`, "-H", "Access-Control-Request-Method: POST"],
      ...["-H", "Access-Control-Request-Headers: content-type,idempotency-key"],
      `${server.origin}/v1/publish?topic=demo`,
    );
  const answer = await preflight(PAGE);
  assert.equal(answer.status, 204);
  isOpen(answer);
  assert.match(answer.headers["access-control-allow-methods"], /POST/);
  assert.match(answer.headers["access-control-allow-headers"], /Idempotency-Key/i);
  assert.equal((await preflight("https://evil.example")).status, 403);
});

function isOpen({ headers }) {
  assert.equal(headers["access-control-allow-origin"], PAGE);
  assert.match(headers.vary, /Origin/i);
  assert.equal(headers["access-control-allow-credentials"], undefined);
}

test("a browser lets pages of listed origins in, and no others", async (t) => {
  const elsewhere = await serve(t);
  const listing = await serve(t, "--allow-origin", elsewhere.origin);
  const closed = await serve(t);
  await publish(listing, "for all");
  await publish(closed, "for nobody");
  const page = await openPage(t);
  // A page without a policy of its own, so that only the servers' handshakeStatuss count.
  await page.goto(`${elsewhere.origin}/healthz`);
  const read = (door) =>
    page.evaluate(async (base) => {
      const post = { method: "POST", body: "x", headers: { "Idempotency-Key": "k" } };
      const heard = (target, event) =>
        new Promise((resolve) => {
          target.onmessage = () => resolve("open");
          target.addEventListener(event, () => resolve("refused"));
        });
      const asked = (path, init) =>
        fetch(base + path, init).then(
          ({ status }) => (status < 300 ? "open" : status),
          () => "refused",
        );
      return {
        poll: await asked("/v1/poll?topic=demo&after=oldest&wait=0"),
        publish: await asked("/v1/publish?topic=other", post),
        sse: await heard(new EventSource(`${base}/v1/sse?topic=demo&after=oldest`), "error"),
        ws: await heard(
          new WebSocket(`${base.replace("http", "ws")}/v1/ws?topic=demo&after=oldest`),
          "close",
        ),
      };
    }, door);
  const all = (word) => ({ poll: word, publish: word, sse: word, ws: word });
  assert.deepEqual(await read(listing.origin), all("open"));
  assert.deepEqual(await read(closed.origin), all("refused"));
});

test("a public name does not reach a server on loopback unless it is listed", async (t) => {
  const server = await serve(t, "--allow-host", "push.example");
  const status = async (host, path = "/v1/poll?topic=demo&wait=0") =>
    (await curl(t, "-H", `Host: ${host}`, `${server.origin}${path}`)).status;
  assert.equal(await status("evil.example"), 421);
  assert.equal(await status("evil.example:8080", "/"), 421);
  assert.equal(await status("push.example"), 200);
  assert.equal(await status("localhost:1"), 200);
  const headers = { Host: "evil.example" };
  assert.equal(await handshakeStatus(server, "/v1/ws?topic=demo", { headers }), 421);
});
