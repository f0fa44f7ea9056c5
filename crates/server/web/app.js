// Wires the page: four lanes that start at one cursor, the publisher, the total, the theme.

import { Lane } from "./lane.js";
import { Publisher } from "./publisher.js";
import { theme } from "./theme.js";
import { now } from "./tick.js";
import { head, transports } from "./transports.js";
import { LaneView } from "./view.js";

const RATES = [0.5, 1, 2, 5, 10, 20];
const RETRY_MS = 1000;

/** @template {HTMLElement} T @param {string} id @param {new () => T} type @returns {T} */
function element(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} #${id}`);
}

const notice = element("notice", HTMLElement);
/** @param {string} text */
const report = (text) => {
  notice.textContent = text;
};

/** Where all lanes start, so that they can be compared. */
async function start() {
  for (;;) {
    try {
      const cursor = await head();
      report("");
      return cursor;
    } catch (error) {
      report(`The server does not say where its log ends: ${error}. Trying again.`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function wirePublisher() {
  const publisher = new Publisher(report);
  const toggle = element("publisher", HTMLInputElement);
  const rate = element("rate", HTMLInputElement);
  const text = element("text", HTMLInputElement);

  const obey = () => {
    publisher.running = toggle.checked;
    publisher.rate = RATES[rate.valueAsNumber];
    const words = `${publisher.rate} per second`;
    element("rate-text", HTMLOutputElement).value = words;
    rate.setAttribute("aria-valuetext", words);
  };
  toggle.addEventListener("change", obey);
  rate.addEventListener("input", obey);
  obey();

  element("publish", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    publisher.say(text.value);
    text.value = "";
  });
}

/** @param {Lane[]} lanes */
function show(lanes) {
  const host = element("lanes", HTMLElement);
  const views = lanes.map((lane) => new LaneView(lane, host));
  const total = element("total", HTMLElement);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const render = () => {
    const at = now();
    for (const view of views) view.render(at);
    const lost = lanes.reduce((sum, { sequence }) => sum + sequence.lost, 0);
    total.textContent = String(lost);
    total.classList.toggle("alarm", lost > 0);
    setTimeout(render, calm.matches ? 1000 : 200);
  };
  render();
}

theme(element("theme", HTMLButtonElement));
element("address", HTMLElement).textContent = location.host;
for (const origin of document.querySelectorAll(".origin")) origin.textContent = location.origin;

const cursor = await start();
show(Object.keys(transports).map((kind) => new Lane(transports, kind, cursor)));
wirePublisher();
