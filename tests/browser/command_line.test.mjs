// The command line: what it prints where, and with which code it ends.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { echo, poll, publish, serve, startTidewire, tidewire, until } from "./programs.mjs";

test("help is printed", async (t) => {
  const help = await tidewire(t, ["--help"]);
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  for (const word of ["serve", "listen", "publish", "echo", "--listen <ADDRESS>"]) {
    assert.ok(help.stdout.includes(word), word);
  }
  for (const command of ["serve", "listen", "publish", "echo"]) {
    assert.equal((await tidewire(t, [command, "--help"])).code, 0, command);
  }
});

test("the version is printed under the name of the program", async (t) => {
  const version = await tidewire(t, ["--version"]);
  assert.match(version.stdout, /^tidewire \d+\.\d+\.\d+\n$/);
});

test("a port in use is told in one line", async (t) => {
  const { host } = await serve(t);
  for (const command of ["serve", "echo"]) {
    const { code, stdout, stderr } = await tidewire(t, [command, "--listen", host]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, new RegExp(`^tidewire: cannot listen on ${host}: .+\n$`));
  }
});

test("a command line that makes no sense ends with 2, and says what is wrong first", async (t) => {
  for (const [args, words] of [
    [["--listen", "nowhere"], /'nowhere' for '--listen <ADDRESS>'/],
    [["serve", "--loud"], /'--loud'/],
    [["serve", "--max-wait", "121"], /121/],
    [["listen", "http://127.0.0.1:1", "--transport", "pigeon"], /'pigeon'/],
    [["listen", "http://127.0.0.1:1", "--after", "yesterday"], /'yesterday'/],
    [["listen"], /<URL>/],
    [["dance"], /'dance'/],
  ]) {
    const { code, stdout, stderr } = await tidewire(t, args);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, /^error: /);
    assert.match(stderr, words);
  }
});

test("a URL that cannot be used is told in one line", async (t) => {
  for (const url of ["nonsense", "https://127.0.0.1:1", "http://127.0.0.1:1"]) {
    const { code, stdout, stderr } = await tidewire(t, ["publish", url, "x"]);
    assert.deepEqual([code, stdout], [1, ""], url);
    assert.match(stderr, /^tidewire: .+\n$/);
  }
});

test("publish sends its argument, or standard input line by line", async (t) => {
  const server = await serve(t);
  const one = await tidewire(t, ["publish", server.origin, "--event", "greeting", "häh? & 🌊"]);
  const lines = await tidewire(t, ["publish", server.origin, "--topic", "demo"], "a\n\nb");
  assert.deepEqual([one.code, one.stderr, lines.code, lines.stderr], [0, "", 0, ""]);

  const { events } = await poll(server);
  assert.equal(one.stdout + lines.stdout, events.map(({ cursor }) => `${cursor}\n`).join(""));
  assert.deepEqual(
    events.map(({ data }) => data),
    ["häh? & 🌊", "a", "", "b"],
  );
  assert.equal(events[0].event, "greeting");
});

test("publish says what the server refuses", async (t) => {
  const server = await serve(t);
  const { code, stderr } = await tidewire(t, ["publish", server.origin, "--topic", "", "x"]);
  assert.deepEqual(
    [code, stderr],
    [1, "tidewire: the server answered 400: a topic has 1 to 128 bytes\n"],
  );
});

for (const transport of ["ws", "sse", "longpoll", "poll"]) {
  const options = ["--transport", transport, "--every", "0.05"];

  test(`listen over ${transport} ends after --count events`, async (t) => {
    const server = await serve(t);
    for (const data of ["1", "2"]) await publish(server, data);
    const listener = startTidewire(
      t,
      "listen",
      server.origin,
      ...options,
      "--after",
      "last:1",
      "--count",
      "3",
    );
    assert.equal(await listener.line(), "2");
    for (const data of ["3", "4", "5"]) await publish(server, data);
    assert.equal(await listener.ended(), 0, listener.stderr);
    assert.deepEqual([listener.stdout, listener.stderr], ["2\n3\n4\n", ""]);
  });

  test(`listen over ${transport} prints whole events with --json`, async (t) => {
    const server = await serve(t);
    const cursor = await publish(server, "two\nlines", { topic: "a", event: "verse" });
    const url = `${server.origin}/?topic=a&topic=b`;
    const { stdout } = await tidewire(t, [
      "listen",
      url,
      ...options,
      "--json",
      "--after",
      "oldest",
      "--count",
      "1",
    ]);
    const { content_type, ...event } = JSON.parse(stdout);
    assert.deepEqual(event, { cursor, topic: "a", event: "verse", data: "two\nlines" });
  });

  test(`listen over ${transport} comes back when the server does`, async (t) => {
    const first = await serve(t);
    await publish(first, "1");
    const listener = startTidewire(
      t,
      "listen",
      first.origin,
      ...options,
      "--after",
      "oldest",
      "--count",
      "2",
    );
    assert.equal(await listener.line(), "1");
    await first.kill();
    await publish(await serve(t, "--listen", first.host), "2");
    assert.equal(await listener.ended(), 0, listener.stderr);
    assert.equal(listener.stdout, "1\n2\n");
    assert.match(listener.stderr, /^tidewire: reset: /m);
  });
}

test("listen gives up where the server will never answer", async (t) => {
  const { origin } = await serve(t);
  for (const transport of ["ws", "sse", "longpoll", "poll"]) {
    const { code, stdout, stderr } = await tidewire(t, [
      "listen",
      origin,
      "--transport",
      transport,
      "--topic",
      "",
    ]);
    assert.deepEqual([code, stdout], [1, ""], transport);
    assert.match(stderr, /^(tidewire: .+\n)+$/);
  }
});

test("echo serves on the address it prints", async (t) => {
  const server = await echo(t);
  assert.match(
    server.stdout,
    /^tidewire echoes WebSocket messages on ws:\/\/127\.0\.0\.1:\d+\/\n$/,
  );
  server.signal("SIGTERM");
  await until("it is gone", () => !server.isRunning);
});

test("listen passes over what a cache replays", async (t) => {
  const event = (number) =>
    JSON.stringify({ cursor: `1.${number}`, topic: "demo", event: "message", data: `${number}` });
  const answer = (number) =>
    `{"events":[${event(number)}],"next":"1.${number}","more":false,"poll_after":0}`;
  const answers = [1, 1, 2].map(answer);
  const cache = createServer((_, response) => {
    response.setHeader("Content-Type", "application/json");
    response.end(answers.shift() ?? answer(3));
  });
  await new Promise((done) => cache.listen(0, "127.0.0.1", done));
  t.after(() => cache.close());
  const url = `http://127.0.0.1:${cache.address().port}`;
  const { code, stdout } = await tidewire(t, [
    ...["listen", url, "--transport", "longpoll", "--after", "oldest", "--count", "3"],
  ]);
  assert.deepEqual([code, stdout], [0, "1\n2\n3\n"]);
});
