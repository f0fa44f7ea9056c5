// The server goes away in good order: everyone is told, nobody waits, and the exit code is 0.

import assert from "node:assert/strict";
import { test } from "node:test";
import { heldCurl, startCurl } from "./curl.mjs";
import { LivePage } from "./live_page.mjs";
import { publish, serve } from "./programs.mjs";
import { Socket } from "./socket.mjs";

for (const signal of ["SIGTERM", "SIGINT"]) {
  test(`${signal} says goodbye over every transport`, async (t) => {
    const server = await serve(t);
    const cursor = await publish(server, "last");
    const held = await heldCurl(t, server, `/v1/poll?topic=demo&after=${cursor}&wait=25`);
    const stream = startCurl(t, `${server.origin}/v1/sse?topic=demo&after=last:1`);
    while ((await stream.line()) !== "data: last");
    const socket = await Socket.open(t, server, "/v1/ws?topic=demo");

    const began = performance.now();
    server.signal(signal);
    assert.equal((await socket.closed()).code, 1001);
    assert.equal(await stream.ended(), 0, `the stream ends whole: ${stream.stderr}`);
    assert.match(stream.stdout, /\nretry: ?\d+\n\n$/);
    assert.equal(await held.ended(), 0, `the poll is answered: ${held.stderr}`);
    const { events, next } = JSON.parse(held.stdout);
    assert.deepEqual({ events, next }, { events: [], next: cursor });
    assert.equal(await server.ended(), 0);
    const seconds = (performance.now() - began) / 1000;
    assert.ok(seconds < 4, `leaving took ${seconds} s`);
  });
}

test("an idle server ends at once", async (t) => {
  const server = await serve(t);
  const began = performance.now();
  server.signal("SIGTERM");
  assert.equal(await server.ended(), 0);
  assert.ok(performance.now() - began < 1000);
});

test("a client that does not leave is left, after the time set for goodbyes", async (t) => {
  const server = await serve(t, "--drain", "1");
  const socket = await Socket.open(t, server, "/v1/ws?topic=demo");
  socket.raw._socket.pause();
  server.signal("SIGTERM");
  assert.equal(await server.ended(), 0);
});

test("who published and keeps the connection does not keep the server", async (t) => {
  const server = await serve(t);
  await publish(server, "one");
  const began = performance.now();
  server.signal("SIGTERM");
  assert.equal(await server.ended(), 0);
  assert.ok(performance.now() - began < 2000);
});

test("the live page does not keep the server", async (t) => {
  const server = await serve(t);
  const live = await LivePage.open(t, server);
  await live.lanes[3].rises("events", 2);
  const began = performance.now();
  server.signal("SIGTERM");
  assert.equal(await server.ended(), 0);
  const seconds = (performance.now() - began) / 1000;
  assert.ok(seconds < 4, `leaving took ${seconds} s`);
});
