// What a lane has seen, in numbers: order, latency, and the last minute. No network, no elements.

/** Checks that numbers arrive one after the other. */
export class Sequence {
  lost = 0;
  duplicates = 0;
  /** @type {number | null} */
  #next = null;

  /** Takes the next number; the first one is where counting starts. @param {number} n */
  see(n) {
    const next = this.#next ?? n;
    if (n < next) {
      this.duplicates += 1;
      return;
    }
    this.lost += n - next;
    this.#next = n + 1;
  }

  /** Forgets where it stood; what is counted stays counted. */
  restart() {
    this.#next = null;
  }
}

/** The latest values, oldest out first. */
export class Latest {
  /** @type {number[]} */
  #values = [];
  #capacity;

  /** @param {number} capacity how many values are kept */
  constructor(capacity) {
    this.#capacity = capacity;
  }

  /** @param {number} value */
  push(value) {
    this.#values.push(value);
    if (this.#values.length > this.#capacity) this.#values.shift();
  }

  /**
   * The nearest-rank quantile: the smallest value with at least `q` of all values at or below it.
   * @param {number} q above 0, up to 1
   * @returns {number | undefined} nothing while the window is empty
   */
  quantile(q) {
    const sorted = this.#values.toSorted((a, b) => a - b);
    return sorted[Math.ceil(q * sorted.length) - 1];
  }
}

/**
 * @typedef {object} Sample
 * @property {number} at when, in milliseconds of the page's clock
 * @property {string} kind the transport that delivered, or `empty` for an answer without events
 * @property {number} ms the latency; for an empty answer, zero
 */

/** The samples of the last while, for a chart. */
export class Trace {
  /** @type {Sample[]} */
  samples = [];
  #spanMs;

  /** @param {number} spanMs how long a sample stays */
  constructor(spanMs) {
    this.#spanMs = spanMs;
  }

  /** @param {Sample} sample */
  push(sample) {
    this.samples.push(sample);
    const old = this.samples.findIndex(({ at }) => at >= sample.at - this.#spanMs);
    this.samples.splice(0, old);
  }
}
