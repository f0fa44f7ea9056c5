// A lane as the reader sees it: its card, its numbers, its buttons. It decides nothing.

import { Chart } from "./chart.js";

/** @import { Lane, Seen } from "./lane.js" */

export class LaneView {
  #lane;
  #card;
  #chart;
  /** What the list shows. @type {Seen[] | undefined} */
  #recent;

  /** @param {Lane} lane @param {HTMLElement} host the card is put at its end */
  constructor(lane, host) {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("lane"));
    const content = document.importNode(template.content, true);
    this.#lane = lane;
    this.#card = /** @type {HTMLElement} */ (content.firstElementChild);
    this.#card.dataset.testid = `lane-${lane.kind}`;
    this.#wire();
    host.append(this.#card);
    this.#chart = new Chart(this.#find(".chart"));
  }

  /** Brings the card up to date. @param {number} now */
  render(now) {
    const lane = this.#lane;
    const { name, about } = NAMES[lane.kind];
    this.#card.setAttribute("aria-label", name);
    this.#card.dataset.transport = lane.kind;
    this.#card.dataset.state = lane.state;
    this.#find(".mark use").setAttribute("href", `#mark-${lane.kind}`);
    this.#find("[data-action=period]").hidden = lane.kind !== "poll";
    write(this.#find(".about"), about);
    for (const [field, value] of Object.entries(FIELDS)) {
      write(this.#find(`[data-field=${field}]`), String(value(lane)));
    }
    if (lane.recent !== this.#recent) {
      this.#recent = lane.recent;
      this.#find(".recent").replaceChildren(...lane.recent.map(line));
    }
    this.#chart.draw(lane.trace, now);
  }

  #wire() {
    const lane = this.#lane;
    this.#find("[data-action=drop]").addEventListener("click", () => lane.drop());

    const kinds = /** @type {HTMLSelectElement} */ (this.#find("[data-action=switch]"));
    kinds.append(...Object.entries(NAMES).map(([kind, { name }]) => new Option(name, kind)));
    kinds.addEventListener("change", () => {
      lane.switchTo(kinds.value);
      kinds.selectedIndex = 0;
    });

    const periods = /** @type {HTMLSelectElement} */ (this.#find("[data-action=period]"));
    periods.append(...PERIODS.map((s) => new Option(`every ${s} s`, String(s * 1000))));
    periods.value = String(lane.periodMs);
    periods.addEventListener("change", () => {
      lane.periodMs = Number(periods.value);
    });
  }

  /** @param {string} selector @returns {HTMLElement} */
  #find(selector) {
    return /** @type {HTMLElement} */ (this.#card.querySelector(selector));
  }
}

/** @type {Record<string, { name: string, about: string }>} */
const NAMES = {
  poll: { name: "Interval polling", about: "asks on a timer" },
  longpoll: { name: "Long-polling", about: "asks, and is held" },
  sse: { name: "Server-Sent Events", about: "asks once, reads on" },
  ws: { name: "WebSocket", about: "frames both ways" },
};

const PERIODS = [0.25, 0.5, 1, 2, 5];

/** The text of each `data-field`. @type {Record<string, (lane: Lane) => string | number>} */
const FIELDS = {
  transport: ({ kind }) => NAMES[kind].name,
  state: ({ state }) => state,
  events: ({ events }) => events,
  requests: ({ requests }) => requests,
  empty: ({ empty }) => empty,
  "bytes-in": ({ bytesIn }) => bytesIn,
  "bytes-out": ({ bytesOut }) => bytesOut,
  p50: ({ latency }) => milliseconds(latency.quantile(0.5)),
  p99: ({ latency }) => milliseconds(latency.quantile(0.99)),
  lost: ({ sequence }) => sequence.lost,
  duplicates: ({ sequence }) => sequence.duplicates,
  reset: ({ lastReset, resets }) => (lastReset ? `reset: ${lastReset} (${resets})` : ""),
};

/** @param {number | undefined} ms */
function milliseconds(ms) {
  if (ms === undefined) return "–";
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}

/** One event in the list. @param {Seen} seen */
function line({ cursor, text, ms }) {
  const offset = document.createElement("code");
  offset.textContent = cursor.slice(cursor.indexOf(".") + 1);
  offset.title = `cursor ${cursor}`;
  const words = document.createElement("span");
  words.textContent = text.slice(0, LINE);
  const item = document.createElement("li");
  item.append(offset, words);
  if (ms !== undefined) item.append(`${milliseconds(ms)} ms`);
  return item;
}

/** Longest event text shown, in UTF-16 units. */
const LINE = 200;

/** Leaves an element alone that already says so. @param {HTMLElement} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
