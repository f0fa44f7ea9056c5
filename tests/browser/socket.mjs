// A WebSocket of the package `ws` whose messages can be awaited one by one.

import { EventEmitter, once } from "node:events";
import WebSocket from "ws";

export class Socket {
  #socket;
  #arrived = [];
  #news = new EventEmitter();
  #end;

  /** Connects to the server's `path`, with the `options` of `ws`. */
  static async open(t, { host }, path, options) {
    const socket = new WebSocket(`ws://${host}${path}`, options);
    t.after(() => socket.terminate());
    const it = new Socket(socket);
    await once(socket, "open");
    return it;
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      this.#arrived.push(isBinary ? data : data.toString());
      this.#news.emit("news");
    });
    socket.on("error", () => {});
    socket.on("close", (code, reason) => {
      this.#end = { code, reason: reason.toString() };
      this.#news.emit("news");
    });
  }

  /** The socket itself, for what is particular. */
  get raw() {
    return this.#socket;
  }

  /** The next message: a string if it is text, else a `Buffer`. */
  async next() {
    while (this.#arrived.length === 0) {
      if (this.#end) throw new Error(`closed with ${this.#end.code} before the message came`);
      await once(this.#news, "news");
    }
    return this.#arrived.shift();
  }

  async nextJson() {
    return JSON.parse(await this.next());
  }

  send(data) {
    this.#socket.send(data);
  }

  /** Says it in JSON and returns the next message. */
  ask(message) {
    this.send(JSON.stringify(message));
    return this.nextJson();
  }

  /** Waits for the end; with which code and reason it came. */
  async closed() {
    while (!this.#end) await once(this.#news, "news");
    return this.#end;
  }
}

/** The status with which the server answers a handshake: 101, or why not. */
export function handshakeStatus({ host }, path, options) {
  const socket = new WebSocket(`ws://${host}${path}`, options);
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_, { statusCode }) => resolve(statusCode));
    socket.on("error", reject);
  }).finally(() => socket.terminate());
}
