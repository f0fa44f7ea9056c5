// A lane's last minute as dots: across, the time; up, the latency on a logarithmic scale that all lanes share.

/** @import { Trace } from "./stats.js" */

/** `uPlot` comes as a plain script, loaded before the modules. */
const { uPlot } = /** @type {any} */ (globalThis);

export class Chart {
  #plot;

  /** @param {HTMLElement} host filled in width; its height stays as it is */
  constructor(host) {
    const sized = () => ({ width: host.clientWidth, height: host.clientHeight });
    this.#plot = new uPlot({ ...options, ...sized() }, [[]], host);
    new ResizeObserver(() => this.#plot.setSize(sized())).observe(host);
  }

  /** @param {Trace} trace @param {number} now */
  draw({ samples }, now) {
    const seconds = samples.map(({ at }) => (at - now) / 1000);
    const columns = KINDS.map((kind) =>
      samples.map((sample) => (sample.kind === kind ? Math.max(sample.ms, FLOOR_MS) : null)),
    );
    this.#plot.setData([seconds, ...columns]);
  }
}

const EMPTY = "empty";
const KINDS = ["poll", "longpoll", "sse", "ws", EMPTY];
/** What is quicker is drawn here; a logarithmic scale has no zero. */
const FLOOR_MS = 1;

/** A colour of the style sheet, as the theme has it now. @param {string} name */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);

/** @param {string} kind */
const dots = (kind) => ({
  paths: () => null,
  points: { show: kind !== EMPTY, size: 5, width: 0, fill: () => colour(kind) },
});

/** Draws the empty answers, as ticks on the floor. @param {any} plot */
function ticks(plot) {
  const { ctx, bbox, data } = plot;
  const unit = devicePixelRatio;
  ctx.fillStyle = colour(EMPTY);
  for (const [i, empty] of data.at(-1).entries()) {
    if (empty === null) continue;
    const x = Math.round(plot.valToPos(data[0][i], "x", true));
    if (x >= bbox.left) ctx.fillRect(x, bbox.top + bbox.height - 9 * unit, 1.5 * unit, 9 * unit);
  }
}

const axis = {
  stroke: () => colour("muted"),
  grid: { stroke: () => colour("grid"), width: 1 },
  ticks: { show: false },
  font: "11px system-ui, sans-serif",
};

const options = {
  legend: { show: false },
  cursor: { show: false },
  padding: [4, 16, 0, 0],
  scales: {
    x: { time: false, range: () => [-60, 0] },
    y: { distr: 3, range: () => [FLOOR_MS / 2, 60_000] },
  },
  axes: [
    {
      ...axis,
      size: 22,
      gap: 4,
      splits: () => [-60, -40, -20, 0],
      values: () => ["−60 s", "−40", "−20", "now"],
    },
    {
      ...axis,
      size: 48,
      gap: 4,
      splits: () => [1, 10, 100, 1000, 10_000],
      values: () => ["1 ms", "10 ms", "100 ms", "1 s", "10 s"],
    },
  ],
  series: [{}, ...KINDS.map(dots)],
  hooks: { draw: [ticks] },
};
