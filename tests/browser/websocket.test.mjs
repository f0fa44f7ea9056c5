// WebSocket clients that others wrote, on /v1/ws and on `tidewire echo`.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { echo, poll, publish, python, serve } from "./programs.mjs";
import { handshakeStatus, Socket } from "./socket.mjs";

test("ws receives events and resets", async (t) => {
  const server = await serve(t, "--max-events", "2");
  const first = await publish(server, "1");
  for (const data of ["2", "3"]) await publish(server, data);
  const socket = await Socket.open(t, server, "/v1/ws?topic=demo&after=last:1");
  assert.equal((await socket.nextJson()).data, "3");
  const cursor = await publish(server, "four", { event: "count" });
  const { content_type, ...event } = await socket.nextJson();
  assert.deepEqual(event, { cursor, topic: "demo", event: "count", data: "four" });

  const behind = `${first.split(".")[0]}.0`;
  const late = await Socket.open(t, server, `/v1/ws?topic=demo&after=${behind}`);
  assert.equal((await late.nextJson()).reset, "expired");
  assert.deepEqual([(await late.nextJson()).data, (await late.nextJson()).data], ["3", "four"]);
});

test("ws publishes", async (t) => {
  const server = await serve(t);
  const socket = await Socket.open(t, server, "/v1/ws?topic=elsewhere");
  const publication = {
    topic: "demo",
    data: "/wA=",
    encoding: "base64",
    content_type: "a/b",
    event: "e",
  };
  const { published } = await socket.ask({ publish: { ...publication, idempotency_key: "k" } });
  const again = await socket.ask({ publish: { ...publication, idempotency_key: "k" } });
  assert.deepEqual(again, { published });
  assert.deepEqual((await poll(server)).events, [{ cursor: published.cursor, ...publication }]);
});

test("ws changes its topics and goes on from where it stood", async (t) => {
  const server = await serve(t);
  const socket = await Socket.open(t, server, "/v1/ws?topic=a");
  const cursor = await publish(server, "a1", { topic: "a" });
  assert.equal((await socket.nextJson()).data, "a1");
  const answer = await socket.ask({ subscribe: { topics: ["b", "c"] } });
  assert.deepEqual(answer, { subscribed: { topics: ["b", "c"], next: cursor } });
  await publish(server, "a2", { topic: "a" });
  await publish(server, "b1", { topic: "b" });
  assert.equal((await socket.nextJson()).data, "b1");

  const back = await socket.ask({ subscribe: { topics: ["a"], after: cursor } });
  assert.equal(back.subscribed.next, cursor);
  assert.equal((await socket.nextJson()).data, "a2");
});

test("ws is told that the cursor of its new topics cannot be continued", async (t) => {
  const server = await serve(t);
  await publish(server, "a1", { topic: "a" });
  const socket = await Socket.open(t, server, "/v1/ws?topic=b");
  const answer = await socket.ask({ subscribe: { topics: ["a"], after: "1.1" } });
  const reset = await socket.nextJson();
  // Whoever is cut off in between asks again from there, and is told the same.
  assert.deepEqual([answer.subscribed.next, reset.reset], ["1.1", "epoch"]);
  assert.equal((await socket.nextJson()).data, "a1", "it goes on from the reset");
});

test("what ws asks in vain is answered, and the connection stays", async (t) => {
  const server = await serve(t, "--max-event-bytes", "1000");
  const socket = await Socket.open(t, server, "/v1/ws?topic=demo");
  for (const message of [
    "no JSON",
    "{}",
    '{"shout":{}}',
    '{"publish":{"topic":"demo"}}',
    '{"publish":{"topic":"","data":"x"}}',
    '{"publish":{"topic":"demo","data":"?","encoding":"base64"}}',
    JSON.stringify({ publish: { topic: "demo", data: "x".repeat(1001) } }),
    '{"subscribe":{"topics":[]}}',
    '{"subscribe":{"topics":["a"],"after":"yesterday"}}',
    Buffer.from([1, 2, 3]),
  ]) {
    socket.send(message);
    assert.deepEqual(Object.keys(await socket.nextJson()), ["error"], String(message).slice(0, 80));
  }
  assert.ok((await socket.ask({ publish: { topic: "other", data: "x" } })).published);
});

test("a handshake that cannot be served is refused", async (t) => {
  const server = await serve(t);
  assert.equal(await handshakeStatus(server, "/v1/ws"), 400);
  assert.equal(await handshakeStatus(server, "/v1/ws?topic=demo&after=yesterday"), 400);
  assert.equal(await handshakeStatus(server, "/v1/ws?topic=demo", { protocolVersion: 8 }), 426);
});

test("echo returns to ws what it sends", async (t) => {
  const socket = await Socket.open(t, await echo(t), "/");
  const mebibyte = "0123456789abcdef".repeat(65_536);
  for (const message of [
    "",
    "häh 🌊",
    Buffer.from([0, 255, 128]),
    mebibyte,
    Buffer.from(mebibyte),
  ]) {
    socket.send(message);
    assert.deepEqual(await socket.next(), message);
  }
  for (const part of ["one ", "two ", "three"]) socket.raw.send(part, { fin: part === "three" });
  assert.equal(await socket.next(), "one two three");

  socket.raw.ping("are you there?");
  const [pong] = await once(socket.raw, "pong");
  assert.equal(pong.toString(), "are you there?");
});

test("echo agrees on compression with ws, if told to, as ws asks for it", async (t) => {
  const plain = await Socket.open(t, await echo(t), "/");
  assert.equal(plain.raw.extensions, "");
  const server = await echo(t, "--deflate");
  for (const wish of [
    {},
    { serverNoContextTakeover: true, clientNoContextTakeover: true },
    { serverMaxWindowBits: 9, clientMaxWindowBits: 9 },
    { serverMaxWindowBits: 12, clientNoContextTakeover: true },
  ]) {
    const perMessageDeflate = { threshold: 0, ...wish };
    const socket = await Socket.open(t, server, "/", { perMessageDeflate });
    assert.equal(socket.raw.extensions, "permessage-deflate");
    for (const message of ["", "häh 🌊", "tide ".repeat(50_000), Buffer.alloc(1000), "häh 🌊"]) {
      socket.send(message);
      assert.deepEqual(await socket.next(), message);
    }
    for (const part of ["one ", "two ", "three"]) socket.raw.send(part, { fin: part === "three" });
    assert.equal(await socket.next(), "one two three");
  }
});

test("echo answers a close with its code", async (t) => {
  const server = await echo(t);
  for (const [code, reason] of [
    [1000, ""],
    [1001, "leaving"],
    [3000, ""],
    [4999, "ours"],
  ]) {
    const socket = await Socket.open(t, server, "/");
    socket.raw.close(code, reason);
    assert.equal((await socket.closed()).code, code);
  }
});

test("echo closes with the code that says why", async (t) => {
  const server = await echo(t, "--max-message-bytes", "1000");
  const long = await Socket.open(t, server, "/");
  long.send("x".repeat(1001));
  assert.equal((await long.closed()).code, 1009);

  const broken = await Socket.open(t, server, "/");
  broken.raw._socket.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]));
  assert.equal((await broken.closed()).code, 1007);

  const unmasked = await Socket.open(t, server, "/");
  unmasked.raw._socket.write(Buffer.from([0x81, 0x01, 0x61]));
  assert.equal((await unmasked.closed()).code, 1002);
});

test("Python's websockets follows, publishes and changes topics", async (t) => {
  const server = await serve(t);
  const { code, stderr } = await python(t, "follow_websocket.py", server.host);
  assert.equal(code, 0, stderr);
});

test("Python's websockets is echoed, compressed or not", async (t) => {
  for (const options of [[], ["--deflate"]]) {
    const server = await echo(t, ...options);
    const { code, stderr } = await python(t, "echo.py", server.host);
    assert.equal(code, 0, stderr);
  }
});
