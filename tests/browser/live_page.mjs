// The live page as its reader uses it: what the lanes show, and which buttons they have.

import { openPage } from "./chromium.mjs";
import { until } from "./programs.mjs";

export const KINDS = ["poll", "longpoll", "sse", "ws"];

export class LivePage {
  /** What the browser's console said that a healthy page does not make it say. */
  complaints = [];
  /** Everything the page asked for, as URLs. */
  asked = [];

  /** Opens the page of a server, or of a proxy before it, until the test `t` ends. */
  static async open(t, { origin }, options) {
    const live = new LivePage(await openPage(t, options));
    await live.page.goto(origin);
    await live.page.getByTestId("lane-ws").waitFor();
    return live;
  }

  constructor(page) {
    this.page = page;
    this.lanes = KINDS.map((kind) => new Lane(page.getByTestId(`lane-${kind}`), kind));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("request", (request) => this.asked.push(request.url()));
    page.on("websocket", (socket) => this.asked.push(socket.url()));
  }

  /** Publishes steadily, or no longer. */
  publishSteadily(isOn) {
    return this.page.getByTestId("publisher-toggle").setChecked(isOn);
  }

  /** Moves the slider, from 0, an event in two seconds, to 5, twenty in one. */
  async setRate(index) {
    const rate = this.page.getByTestId("rate");
    await rate.fill(String(index));
    await rate.blur();
  }

  async publish(text) {
    await this.page.getByTestId("publish-text").fill(text);
    await this.page.getByTestId("publish-send").click();
  }

  async totalLost() {
    return Number(await this.page.getByTestId("total-lost").textContent());
  }

  /** How often each lane says so. */
  numbers(field) {
    return Promise.all(this.lanes.map((lane) => lane.number(field)));
  }

  /** Waits until a text stands in the list of every lane. */
  seenByAll(text) {
    const seen = ({ recent }) => recent.getByText(text, { exact: true }).waitFor();
    return Promise.all(this.lanes.map(seen));
  }

  /** Waits until every lane has shown as many events as the others, and at least `least`. */
  caughtUp(least) {
    return until(`all lanes have caught up with ${least} events`, async () => {
      const events = await this.numbers("events");
      return events.every((count) => count >= least && count === events[0]);
    });
  }
}

class Lane {
  constructor(card, kind) {
    this.card = card;
    this.kind = kind;
    this.recent = card.locator(".recent");
  }

  text(field) {
    return this.card.locator(`[data-field=${field}]`).textContent();
  }

  async number(field) {
    return Number(await this.text(field));
  }

  drop() {
    return this.card.locator("[data-action=drop]").click();
  }

  switchTo(kind) {
    return this.card.locator("[data-action=switch]").selectOption(kind);
  }

  /** Waits until a field says so. */
  says(field, text) {
    return this.card.locator(`[data-field=${field}]`).getByText(text, { exact: true }).waitFor();
  }

  /** Waits until a number has risen by `count`, from what it is now. */
  async rises(field, count = 1) {
    const goal = (await this.number(field)) + count;
    await until(
      `${field} of ${this.kind} is ${goal}`,
      async () => (await this.number(field)) >= goal,
    );
  }
}
