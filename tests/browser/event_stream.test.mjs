// Event stream clients that others wrote, through lost connections and a lost server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EventSource } from "eventsource";
import { Proxy } from "./proxy.mjs";
import { publish, python, serve, until } from "./programs.mjs";

/** Follows with the package `eventsource` and lists what it is told, from its first answer on. */
async function follow(t, { origin }, query) {
  const source = new EventSource(`${origin}/v1/sse?${query}`);
  t.after(() => source.close());
  const seen = [];
  const list = ({ type, data, lastEventId }) => seen.push({ type, data, id: lastEventId });
  for (const name of ["message", "reset", "greeting"]) source.addEventListener(name, list);
  await until("the stream is open", () => source.readyState === source.OPEN);
  return seen;
}

const texts = (seen) => seen.map(({ data }) => data);

test("eventsource hears names, ids and lines as they were published", async (t) => {
  const server = await serve(t);
  const seen = await follow(t, server, "topic=demo");
  const expected = [];
  for (const [type, data] of [
    ["message", "plain"],
    ["message", ""],
    ["greeting", "two\nlines\n"],
    ["message", "  häh 🌊 : data: x"],
  ]) {
    expected.push({ type, data, id: await publish(server, data, { event: type }) });
  }
  await until("all have arrived", () => seen.length >= expected.length);
  assert.deepEqual(seen, expected);
});

test("eventsource resumes where its connection was cut", async (t) => {
  const server = await serve(t);
  const proxy = await Proxy.before(t, server);
  const seen = await follow(t, proxy, "topic=demo");
  const published = [];
  for (let cut = 0; cut < 3; cut += 1) {
    for (let i = 0; i < 50; i += 1) {
      published.push(`${cut}-${i}`);
      await publish(server, published.at(-1));
      if (i === 25) proxy.cut();
    }
    await until("it has caught up", () => seen.length >= published.length);
  }
  assert.deepEqual(texts(seen), published, "nothing lost, nothing doubled");
});

test("eventsource is told that the server begins a new log, and goes on in it", async (t) => {
  const first = await serve(t);
  const seen = await follow(t, first, "topic=demo");
  for (const data of ["a", "b"]) await publish(first, data);
  await until("it has seen the old log", () => seen.length === 2);

  await first.kill();
  const second = await serve(t, "--listen", first.host);
  const floor = await publish(second, "c");
  const head = await publish(second, "d");
  await until("it has seen the new log", () => seen.length >= 5);
  await publish(second, "e");
  await until("it follows the new log", () => seen.length >= 6);

  assert.deepEqual(
    seen.map(({ type }) => type),
    ["message", "message", "reset", ...Array(3).fill("message")],
  );
  const { next, ...told } = JSON.parse(seen[2].data);
  assert.deepEqual(told, { reset: "epoch", floor, head });
  assert.equal(seen[2].id, next);
  assert.deepEqual(
    texts(seen).filter((_, i) => i !== 2),
    ["a", "b", "c", "d", "e"],
  );
});

test("eventsource is told that events are no longer kept", async (t) => {
  const server = await serve(t, "--max-events", "2");
  const cursor = await publish(server, "1");
  for (const data of ["2", "3", "4"]) await publish(server, data);
  const seen = await follow(t, server, `topic=demo&after=${cursor}`);
  await until("it has caught up", () => seen.length >= 3);
  assert.equal(JSON.parse(seen[0].data).reset, "expired");
  assert.deepEqual(texts(seen.slice(1)), ["3", "4"]);
});

test("Python's httpx-sse resumes by its last id", async (t) => {
  const server = await serve(t);
  const { code, stderr } = await python(t, "follow_event_stream.py", server.origin);
  assert.equal(code, 0, stderr);
});
