// What the page itself puts into the log: numbered ticks at a steady rate, and typed messages.

import { PAGE, write } from "./tick.js";
import { TOPIC } from "./transports.js";

/** Publishes ticks, one behind the other, so that they enter the log in the order of their numbers. */
export class Publisher {
  /** Whether ticks are published. */
  running = false;
  /** Ticks a second, on average. */
  rate = 1;

  #report;
  #n = 1;
  /** The tick not yet known to be in the log. @type {string | null} */
  #pending = null;

  /** @param {(problem: string) => void} report told what is wrong; an empty text says that all is well */
  constructor(report) {
    this.#report = report;
    this.#step(performance.now());
  }

  /** Publishes a message as it is. @param {string} text */
  async say(text) {
    try {
      await publish(text, { "Content-Type": "text/plain;charset=utf-8" });
      this.#report("");
    } catch (error) {
      this.#report(`The message was not published: ${error}.`);
    }
  }

  /** @param {number} due */
  async #step(due) {
    // Uneven on purpose: an even beat would fall into step with interval polling.
    let next = due + ((0.5 + Math.random()) * 1000) / this.rate;
    if (this.running) {
      try {
        await this.#tick();
      } catch (error) {
        this.#report(`The server takes no events: ${error}. Trying again.`);
        next = performance.now() + RETRY_MS;
      }
    }
    const soonest = performance.now();
    setTimeout(() => this.#step(Math.max(next, soonest)), next - soonest);
  }

  async #tick() {
    const failed = this.#pending !== null;
    this.#pending ??= write(this.#n);
    await publish(this.#pending, {
      "Content-Type": "application/json",
      "Idempotency-Key": `${PAGE}-${this.#n}`,
    });
    this.#pending = null;
    this.#n += 1;
    if (failed) this.#report("");
  }
}

/** @param {string} body @param {Record<string, string>} headers */
async function publish(body, headers) {
  const response = await fetch(`/v1/publish?topic=${TOPIC}`, { method: "POST", body, headers });
  if (!response.ok) throw new Error(`status ${response.status}`);
  // Reads to the end, so that the connection can serve the next request.
  await response.arrayBuffer();
}

const RETRY_MS = 1000;
