// Every case of the event stream files, served by our HTTP server and read by decoders that others
// wrote. They have to tell what our decoder tells, and to come back as our source does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EventSource } from "eventsource";
import { createParser } from "eventsource-parser";
import { openPage } from "./chromium.mjs";
import { eventStreams, inRepository } from "./programs.mjs";

const CASES = ["event_streams.json", "event_streams_more.json"].flatMap((file) =>
  JSON.parse(readFileSync(inRepository(`tests/data/${file}`))),
);

const TRIMMED =
  "HTTP takes the blanks around a value away, so this ID comes back as another; ours leaves it out";

/** Where a decoder tells something else than its case expects, and why that is no mistake of ours. */
const DIFFERENCES = {
  chromium: {
    "id-one-space-stripped": TRIMMED,
    "bom-then-cr": "a CR right behind the mark ends a line, but here becomes part of the next one",
  },
  eventsource: {
    "id-one-space-stripped": TRIMMED,
    "wpt-bom-twice": "one mark is to go, but the text decoder takes one and the parser another",
  },
  parser: {},
};

/** What browsers wait unasked before they come back. */
const DEFAULT_RETRY_MS = 3000;

const bytesOf = ({ input_bytes_base64 }) => Buffer.from(input_bytes_base64, "base64");

/** The names that any stream gives to an event, whether it is told or not. */
const NAMES = new Set(["message", ...CASES.flatMap(({ expected }) => expected.map((it) => it.event))]);
for (const [, name] of CASES.map(bytesOf).join("\n").matchAll(/^event: ?(.+)$/gm)) NAMES.add(name);

/** What is told until the server sends the client away. Runs in pages, too. */
function follow({ EventSource = globalThis.EventSource, url, names, stops }) {
  return new Promise((resolve) => {
    const events = [];
    const source = new EventSource(url);
    const list = ({ type, data, lastEventId }) =>
      events.push({ event: type, data, last_event_id: lastEventId });
    for (const name of names) source.addEventListener(name, list);
    const end = () => {
      source.close();
      clearTimeout(timeout);
      resolve({ events });
    };
    const timeout = setTimeout(end, 20_000);
    source.addEventListener("error", () => {
      if (stops || source.readyState === EventSource.CLOSED) end();
    });
  });
}

/** What `follow` needs to know of a case: who may wait for ever is not waited for. */
const errand = (server, client, { name, retry_implementation_defined: stops = false }) => ({
  url: `${server.origin}/${client}/${name}`,
  names: [...NAMES],
  stops,
});

/** Adds how the client came back to what it told. */
async function withReturns({ origin }, client, told) {
  const returns = await (await fetch(`${origin}/${client}`)).json();
  return told.map((it, i) => ({ ...it, ...returns[CASES[i].name] }));
}

/** Holds every case against what was told of it: they differ where that is listed, and only there. */
function compare(client, told) {
  const found = {};
  for (const [i, case_] of CASES.entries()) {
    try {
      check(case_, told[i]);
    } catch ({ message }) {
      found[case_.name] = message;
    }
  }
  const listed = Object.keys(DIFFERENCES[client]);
  assert.deepEqual(Object.keys(found).sort(), listed.sort(), JSON.stringify(found, null, 2));
  console.log(`${client}: ${CASES.length - listed.length} of ${CASES.length} cases agree`);
}

function check(case_, { events, retry_ms, waited_ms, last_event_id }) {
  assert.deepEqual(events, case_.expected);
  if (case_.retry_implementation_defined) return;
  assert.equal(last_event_id ?? "", case_.final_last_event_id, "the last event ID");
  if (waited_ms === undefined) {
    assert.equal(retry_ms ?? null, case_.expected_retry_ms, "the reconnection time");
    return;
  }
  // Timers may be early by less than a tick, and a busy machine is late.
  assert.ok(waited_ms > (case_.expected_retry_ms ?? DEFAULT_RETRY_MS) - 50, `after ${waited_ms} ms`);
  if (case_.expected_retry_ms !== null) {
    assert.ok(waited_ms < DEFAULT_RETRY_MS - 50, `only after ${waited_ms} ms`);
  }
}

test("Chromium reads every event stream as we do", async (t) => {
  const server = await eventStreams(t);
  const page = await openPage(t);
  await page.goto(server.origin);
  await page.addScriptTag({ content: `${follow}` });
  const errands = CASES.map((case_) => errand(server, "chromium", case_));
  const told = await page.evaluate((all) => Promise.all(all.map(globalThis.follow)), errands);
  compare("chromium", await withReturns(server, "chromium", told));
});

test("eventsource reads every event stream as we do", async (t) => {
  const server = await eventStreams(t);
  const errands = CASES.map((case_) => errand(server, "eventsource", case_));
  const told = await Promise.all(errands.map((it) => follow({ EventSource, ...it })));
  compare("eventsource", await withReturns(server, "eventsource", told));
});

/** Reads pieces with the package `eventsource-parser`, which leaves it to us what an ID is. */
function parse(pieces) {
  const told = { events: [], last_event_id: "" };
  // It looks for the byte order mark itself.
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = createParser({
    onId: (id) => (told.last_event_id = id),
    onRetry: (retry_ms) => (told.retry_ms = retry_ms),
    onEvent: ({ event, data }) =>
      told.events.push({ event: event || "message", data, last_event_id: told.last_event_id }),
  });
  for (const piece of pieces) parser.feed(utf8.decode(piece, { stream: true }));
  return told;
}

test("eventsource-parser reads every event stream as we do, whole and in bytes", async (t) => {
  const server = await eventStreams(t);
  const bodies = CASES.map(async ({ name }) => {
    const response = await fetch(`${server.origin}/parser/${name}`);
    return new Uint8Array(await response.arrayBuffer());
  });
  const streams = await Promise.all(bodies);
  for (const [i, stream] of streams.entries()) assert.deepEqual(Buffer.from(stream), bytesOf(CASES[i]));
  compare("parser", streams.map((stream) => parse([stream])));
  compare("parser", streams.map((stream) => parse(Array.from(stream, (byte) => Uint8Array.of(byte)))));
});
