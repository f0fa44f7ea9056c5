// What API.md promises to plain HTTP, asked for with nothing but curl. Refusals are in refusals.test.mjs.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { curl, heldCurl, startCurl } from "./curl.mjs";
import { poll, publish, serve } from "./programs.mjs";

async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), "tidewire-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test("what is published is polled", async (t) => {
  const { origin } = await serve(t);
  const query = "topic=demo&event=greeting";
  const published = await curl(
    t,
    "-d",
    "hello",
    "-H",
    "Content-Type: text/plain",
    `${origin}/v1/publish?${query}`,
  );
  assert.equal(published.status, 201);
  assert.equal(published.headers["content-type"], "application/json");
  const { cursor } = published.json;

  const answer = await curl(t, `${origin}/v1/poll?topic=demo&after=oldest`);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.etag, `"${cursor}"`);
  assert.deepEqual(answer.json, {
    events: [
      { cursor, topic: "demo", event: "greeting", data: "hello", content_type: "text/plain" },
    ],
    next: cursor,
    more: false,
    poll_after: 0,
  });
});

test("a long poll is held until there is news", async (t) => {
  const server = await serve(t);
  const before = await publish(server, "old");
  const held = await heldCurl(t, server, `/v1/poll?topic=demo&after=${before}&wait=20`);
  assert.ok(held.isRunning);
  const cursor = await publish(server, "new");
  assert.equal(await held.ended(), 0);
  const { events, next } = JSON.parse(held.stdout);
  assert.deepEqual(
    events.map(({ data }) => data),
    ["new"],
  );
  assert.equal(next, cursor);
});

test("a long poll whose time is over is answered empty", async (t) => {
  const server = await serve(t);
  const began = performance.now();
  const answer = await curl(t, `${server.origin}/v1/poll?topic=demo&wait=1`);
  const seconds = (performance.now() - began) / 1000;
  assert.deepEqual(answer.json.events, []);
  assert.ok(0.5 < seconds && seconds < 5, `held for ${seconds} s`);
});

test("a newer poll of a client releases its older one", async (t) => {
  const server = await serve(t);
  const path = "/v1/poll?topic=demo&wait=20&client=me&seq=";
  const older = await heldCurl(t, server, `${path}1`);
  const newer = await heldCurl(t, server, `${path}2`);
  assert.equal(await older.ended(), 0);
  assert.deepEqual(JSON.parse(older.stdout).events, []);
  assert.ok(newer.isRunning);
});

test("a tag polls in an interval, with 304 for nothing new", async (t) => {
  const server = await serve(t);
  const tag = join(await folder(t), "tag");
  await writeFile(tag, "");
  const ask = () =>
    curl(
      t,
      "--etag-save",
      tag,
      "--etag-compare",
      tag,
      `${server.origin}/v1/poll?topic=demo&wait=0`,
    );

  assert.deepEqual((await ask()).json.events, []);
  const cursor = await publish(server, "one");
  const news = await ask();
  assert.deepEqual(
    news.json.events.map(({ data }) => data),
    ["one"],
  );
  assert.equal((await readFile(tag, "utf8")).trim(), `"${cursor}"`);
  const nothing = await ask();
  assert.deepEqual([nothing.status, nothing.body], [304, ""]);
  assert.equal(nothing.headers.etag, `"${cursor}"`);
});

test("an event stream is read as it comes", async (t) => {
  const server = await serve(t);
  const old = await publish(server, "old");
  const stream = startCurl(t, `${server.origin}/v1/sse?topic=demo&after=last:1`);
  assert.deepEqual(await nextEvent(stream), { id: old, data: ["old"] });
  const named = await publish(server, "two\nlines", { event: "verse" });
  assert.deepEqual(await nextEvent(stream), { id: named, event: "verse", data: ["two", "lines"] });

  const resumed = startCurl(
    t,
    "-H",
    `Last-Event-ID: ${old}`,
    `${server.origin}/v1/sse?topic=demo&after=now`,
  );
  assert.equal((await nextEvent(resumed)).id, named, "Last-Event-ID wins over after");

  const whole = startCurl(t, `${server.origin}/v1/sse?topic=demo&after=last:1&envelope=true`);
  const { topic, event, data } = JSON.parse((await nextEvent(whole)).data.join("\n"));
  assert.deepEqual({ topic, event, data }, { topic: "demo", event: "verse", data: "two\nlines" });
});

async function nextEvent(stream) {
  const event = { data: [] };
  for (;;) {
    const line = await stream.line();
    const [, name, value] = /^(\w*):? ?(.*)$/.exec(line);
    if (name === "data") event.data.push(value);
    else if (name === "id" || name === "event") event[name] = value;
    else if (line === "" && event.id) return event;
  }
}

test("an idempotency key makes one event of two requests", async (t) => {
  const server = await serve(t);
  const say = () =>
    curl(t, "-d", "once", "-H", "Idempotency-Key: k1", `${server.origin}/v1/publish?topic=demo`);
  const [first, second] = [await say(), await say()];
  assert.deepEqual([second.status, second.json], [first.status, first.json]);
  assert.equal((await poll(server)).events.length, 1);
});

test("one cursor covers several topics", async (t) => {
  const server = await serve(t);
  for (const topic of ["a", "b", "c", "a"]) await publish(server, topic, { topic });
  const { json } = await curl(t, `${server.origin}/v1/poll?topic=a&topic=b&after=oldest`);
  assert.deepEqual(
    json.events.map(({ topic }) => topic),
    ["a", "b", "a"],
  );

  const limited = await curl(t, `${server.origin}/v1/poll?topic=a&topic=b&after=oldest&limit=2`);
  assert.deepEqual([limited.json.events.length, limited.json.more], [2, true]);

  const others = await curl(t, `${server.origin}/v1/poll?topic=z&after=oldest&wait=0`);
  assert.deepEqual(others.json.events, []);
  assert.equal(others.json.next, json.next, "an empty answer moves past other topics");
});

test("last:N counts the events of the topics asked for", async (t) => {
  const server = await serve(t);
  for (const topic of ["a", "b", "c", "a"]) await publish(server, topic, { topic });
  const { json } = await curl(t, `${server.origin}/v1/poll?topic=a&after=last:2`);
  assert.equal(json.events.length, 2);
});

test("bytes that are no text come in Base64", async (t) => {
  const server = await serve(t);
  const path = join(await folder(t), "body");
  const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x0a]);
  await writeFile(path, bytes);
  await curl(t, "--data-binary", `@${path}`, `${server.origin}/v1/publish?topic=demo`);
  const [event] = (await poll(server)).events;
  assert.deepEqual([event.encoding, Buffer.from(event.data, "base64")], ["base64", bytes]);
});

test("HEAD tells what GET would, at once and without a body", async (t) => {
  const server = await serve(t);
  const head = await curl(t, "-I", `${server.origin}/v1/poll?topic=demo&after=now&wait=25`);
  assert.deepEqual([head.status, head.body], [200, ""]);
  assert.match(head.headers.etag, /^".+"$/);
  assert.equal((await curl(t, "-I", `${server.origin}/healthz`)).status, 200);
});
