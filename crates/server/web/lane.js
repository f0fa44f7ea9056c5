// One follower of the log: where it stands, what it has seen, when it connects again.
// It knows no socket, no request and no element; those live in transports.js and view.js.

import { Latest, Sequence, Trace } from "./stats.js";
import { now, read } from "./tick.js";

/** @typedef {"connecting" | "live" | "waiting" | "dropped"} State */
/** @typedef {{ cursor: string, data: string }} Event */
/** @typedef {{ cursor: string, text: string, ms?: number }} Seen an event as listed, with its latency if known */
/** @typedef {{ reset: "expired" | "epoch" | "ahead", next: string }} Reset */
/** @typedef {{ start(after: string): void, stop(): void }} Transport after `stop`, it is silent */
/** @typedef {Record<string, (lane: Lane) => Transport>} Transports */

export class Lane {
  /** @type {State} */
  state = "connecting";
  /** Pause from one ask to the next while on interval polling. */
  periodMs = 1000;

  events = 0;
  requests = 0;
  empty = 0;
  bytesIn = 0;
  bytesOut = 0;
  resets = 0;
  /** Why the log could last not be continued. @type {Reset["reset"] | null} */
  lastReset = null;

  sequence = new Sequence();
  latency = new Latest(LATENCIES);
  trace = new Trace(TRACE_MS);
  /** The latest events, newest first. @type {Seen[]} */
  recent = [];

  #transports;
  /** @type {Transport} */
  #transport;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #comeback;

  /**
   * Connects at once.
   * @param {Transports} transports
   * @param {string} kind the key in `transports` to begin with
   * @param {string} cursor the log is followed from behind here
   */
  constructor(transports, kind, cursor) {
    this.#transports = transports;
    this.kind = kind;
    this.cursor = cursor;
    this.#transport = this.#connect();
  }

  /** Cuts the connection; the lane comes back by itself. */
  drop() {
    this.#disconnect();
    this.#comeBackIn(DROPPED_MS);
    this.state = "dropped";
  }

  /** Goes on over another transport, from the same cursor. @param {string} kind */
  switchTo(kind) {
    this.#disconnect();
    this.kind = kind;
    this.latency = new Latest(LATENCIES);
    this.#transport = this.#connect();
  }

  // What follows is for the transport.

  /** A request was made. @param {number} bytes its size on the wire */
  sent(bytes) {
    this.requests += 1;
    this.bytesOut += bytes;
  }

  /** @param {number} bytes what came in over the wire */
  received(bytes) {
    this.bytesIn += bytes;
  }

  /** The server has answered: the back-off starts over. */
  answered() {
    this.#failures = 0;
  }

  /** An event would arrive right now. */
  listening() {
    this.state = "live";
  }

  /** An event would have to wait for the next ask. */
  pausing() {
    this.state = "waiting";
  }

  /** An answer held no events. */
  vain() {
    this.empty += 1;
    this.trace.push({ at: now(), kind: "empty", ms: 0 });
  }

  /** @param {Event} event */
  deliver({ cursor, data }) {
    this.cursor = cursor;
    this.events += 1;
    const tick = read(data);
    if (!tick) return this.#list({ cursor, text: data });
    const at = now();
    const ms = at - tick.t;
    this.sequence.see(tick.n);
    this.latency.push(ms);
    this.trace.push({ at, kind: this.kind, ms });
    this.#list({ cursor, text: `tick ${tick.n}`, ms });
  }

  /** The log was scanned up to here. @param {string} next */
  advance(next) {
    this.cursor = next;
  }

  /** The log cannot be continued from where the lane stood. @param {Reset} reset */
  reset({ reset, next }) {
    this.cursor = next;
    this.resets += 1;
    this.lastReset = reset;
    this.sequence.restart();
  }

  /** The connection is gone, or the answer made no sense: comes back later, with full jitter. */
  failed() {
    this.#disconnect();
    const ceiling = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#comeBackIn(Math.random() * ceiling);
    this.state = "waiting";
  }

  /** @param {Seen} seen */
  #list(seen) {
    this.recent = [seen, ...this.recent.slice(0, RECENT - 1)];
  }

  #connect() {
    const transport = this.#transports[this.kind](this);
    this.state = "connecting";
    transport.start(this.cursor);
    return transport;
  }

  #disconnect() {
    clearTimeout(this.#comeback);
    this.#transport.stop();
  }

  /** @param {number} ms */
  #comeBackIn(ms) {
    this.#comeback = setTimeout(() => {
      this.#transport = this.#connect();
    }, ms);
  }
}

const LATENCIES = 500;
const TRACE_MS = 60_000;
const RECENT = 4;
const DROPPED_MS = 1000;
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MOST_MS = 10_000;
