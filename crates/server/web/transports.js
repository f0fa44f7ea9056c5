// The four ways to follow the log. Each tells its lane what happens; none decides when to try again.

import * as bytes from "./bytes.js";

/** @import { Event, Lane, Reset, Transport, Transports } from "./lane.js" */

export const TOPIC = "demo";

/** @type {Transports} */
export const transports = {
  poll: (lane) => new Polling(lane, 0),
  longpoll: (lane) => new Polling(lane, HOLD_SECONDS),
  sse: (lane) => new Stream(lane),
  ws: (lane) => new Socket(lane),
};

/** Where the log ends now. @returns {Promise<string>} */
export async function head() {
  const response = await fetch(target("poll", "now", { wait: "0" }), { cache: "no-store" });
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return (await response.json()).next;
}

/**
 * @typedef {{ events: Event[], next: string, more: boolean, poll_after: number }} Answer
 * `poll_after` in seconds
 */

/** Asks again and again, one ask at a time. @implements {Transport} */
class Polling {
  #lane;
  #holdSeconds;
  #abort = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Lane} lane @param {number} holdSeconds how long the server may hold an ask; 0: not at all */
  constructor(lane, holdSeconds) {
    this.#lane = lane;
    this.#holdSeconds = holdSeconds;
  }

  /** @param {string} after */
  async start(after) {
    const asked = performance.now();
    this.#lane.listening();
    try {
      const { next, pauseMs } = this.#take(await this.#ask(after), after, asked);
      if (pauseMs > 0) this.#lane.pausing();
      this.#timer = setTimeout(() => this.start(next), pauseMs);
    } catch {
      if (!this.#abort.signal.aborted) this.#lane.failed();
    }
  }

  stop() {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  /** @param {string} after */
  async #ask(after) {
    const { signal } = this.#abort;
    const path = target("poll", after, { wait: String(this.#holdSeconds) });
    /** @type {Record<string, string>} */
    const headers = this.#holdSeconds === 0 ? { "If-None-Match": `"${after}"` } : {};
    this.#lane.sent(bytes.plainRequest(path, headers));
    const patience = AbortSignal.timeout((this.#holdSeconds + PATIENCE_SECONDS) * 1000);
    const response = await fetch(path, {
      headers,
      signal: AbortSignal.any([signal, patience]),
      cache: "no-store",
    });
    const body = await response.arrayBuffer();
    signal.throwIfAborted();
    this.#lane.received(bytes.responseHead(response) + body.byteLength);
    return { status: response.status, body: new TextDecoder().decode(body) };
  }

  /**
   * Hands an answer to the lane and says what to ask next, and when.
   * @param {{ status: number, body: string }} answer
   * @param {string} after
   * @param {number} asked
   */
  #take({ status, body }, after, asked) {
    const restMs = Math.max(0, this.#lane.periodMs - (performance.now() - asked));
    switch (status) {
      case 200: {
        /** @type {Answer} */
        const { events, next, more, poll_after } = JSON.parse(body);
        this.#lane.answered();
        if (events.length === 0) this.#lane.vain();
        for (const event of events) this.#lane.deliver(event);
        this.#lane.advance(next);
        if (more) return { next, pauseMs: 0 };
        return { next, pauseMs: this.#holdSeconds === 0 ? restMs : poll_after * 1000 };
      }
      case 304:
        this.#lane.answered();
        this.#lane.vain();
        return { next: after, pauseMs: restMs };
      case 410: {
        /** @type {Reset} */
        const reset = JSON.parse(body);
        this.#lane.reset(reset);
        return { next: reset.next, pauseMs: restMs };
      }
      default:
        throw new Error(`the server answers ${status}`);
    }
  }
}

/**
 * Reads one response that does not end. An `EventSource` passes on only the event names it was asked for,
 * so events that others publish under a name of their own are not seen here.
 * @implements {Transport}
 */
class Stream {
  #lane;
  /** @type {EventSource | undefined} */
  #source;

  /** @param {Lane} lane */
  constructor(lane) {
    this.#lane = lane;
  }

  /** @param {string} after */
  start(after) {
    const lane = this.#lane;
    const path = target("sse", after);
    lane.sent(bytes.streamRequest(path));
    this.#source = new EventSource(path);
    this.#source.onopen = () => {
      lane.received(bytes.STREAM_RESPONSE);
      lane.answered();
      lane.listening();
    };
    this.#source.onmessage = ({ lastEventId, data }) => {
      lane.received(bytes.streamEvent(lastEventId, data));
      lane.deliver({ cursor: lastEventId, data });
    };
    this.#source.addEventListener("reset", ({ lastEventId, data }) => {
      lane.received(bytes.streamEvent(lastEventId, data));
      lane.reset(JSON.parse(data));
    });
    // The lane reopens, not the EventSource, so that every transport comes back in the same way.
    this.#source.onerror = () => lane.failed();
  }

  stop() {
    this.#source?.close();
  }
}

/** Receives one frame per event. @implements {Transport} */
class Socket {
  #lane;
  /** @type {WebSocket | undefined} */
  #socket;

  /** @param {Lane} lane */
  constructor(lane) {
    this.#lane = lane;
  }

  /** @param {string} after */
  start(after) {
    const lane = this.#lane;
    const path = target("ws", after);
    lane.sent(bytes.upgradeRequest(path));
    this.#socket = new WebSocket(new URL(path, location.href.replace(/^http/, "ws")));
    this.#socket.onopen = () => {
      lane.received(bytes.UPGRADE_RESPONSE);
      lane.answered();
      lane.listening();
    };
    this.#socket.onmessage = ({ data }) => {
      lane.received(bytes.frame(data));
      const message = JSON.parse(data);
      if ("reset" in message) lane.reset(message);
      else lane.deliver(message);
    };
    this.#socket.onclose = () => lane.failed();
  }

  stop() {
    const socket = this.#socket;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    // Closing during the handshake would be logged as a failure, so that close waits.
    if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket.close();
  }
}

/** @param {string} door @param {string} after @param {Record<string, string>} [more] */
const target = (door, after, more) =>
  `/v1/${door}?${new URLSearchParams({ topic: TOPIC, after, ...more })}`;

const HOLD_SECONDS = 25;
/** How much longer than it may be held an ask is given before it counts as failed. */
const PATIENCE_SECONDS = 10;
