// Starts the server and other programs, and ends exactly those with the test that started them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A file of the repository, by its path in there. */
export const inRepository = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const TIDEWIRE = process.env.TIDEWIRE ?? inRepository("target/debug/tidewire");
const EVENT_STREAMS =
  process.env.EVENT_STREAMS ?? inRepository("target/debug/examples/event_streams");
const PYTHON = process.env.PYTHON ?? inRepository("target/python/bin/python");

/** No program runs longer, so that a test cannot wait for ever for what it has to say. */
const LONGEST_MS = 120_000;

/** A program that runs beside the test `t`, and no longer than that. */
export class Program {
  stdout = "";
  stderr = "";
  #child;
  #lines;
  #ended;

  constructor(t, path, ...args) {
    this.#child = spawn(path, args, { timeout: LONGEST_MS, killSignal: "SIGKILL" });
    // Who ends without reading all of its input is judged by its exit code.
    this.#child.stdin.on("error", () => {});
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stdout.setEncoding("utf8").on("data", (text) => (this.stdout += text));
    this.#child.stderr.setEncoding("utf8").on("data", (text) => (this.stderr += text));
    this.#ended = once(this.#child, "close");
    t.after(() => this.kill());
  }

  /** The next line of its standard output. */
  async line() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`it ended instead of printing a line; ${this.stderr}`);
    return value;
  }

  /** Gives it all of its standard input. */
  type(text) {
    this.#child.stdin.end(text);
  }

  get isRunning() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Waits for its end; the exit code, or the name of the signal that ended it. */
  async ended() {
    const [code, signal] = await this.#ended;
    return code ?? signal;
  }

  /** Ends it without giving it a chance. */
  async kill() {
    this.signal("SIGKILL");
    await this.ended();
  }
}

/** Runs a program to its end. */
export async function run(t, path, args, input = "") {
  const program = new Program(t, path, ...args);
  program.type(input);
  const code = await program.ended();
  return { code, stdout: program.stdout, stderr: program.stderr };
}

/** Runs `tidewire` to its end. */
export const tidewire = (t, args, input) => run(t, TIDEWIRE, args, input);

/** Starts `tidewire` beside the test. */
export const startTidewire = (t, ...args) => new Program(t, TIDEWIRE, ...args);

/** Starts `tidewire serve` on a free port, or on the one that `--listen` names. */
export const serve = (t, ...options) => listening(t, "serve", options);

/** Starts `tidewire echo` on a free port. */
export const echo = (t, ...options) => listening(t, "echo", options);

/** Starts the server of the event stream cases on a free port. */
export const eventStreams = (t) => told(new Program(t, EVENT_STREAMS));

function listening(t, command, options) {
  const free = options.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
  return told(startTidewire(t, command, ...free, ...options));
}

/** A program that first says where it listens. */
async function told(program) {
  const { host, origin } = new URL((await program.line()).match(/(http|ws):\S+/)[0]);
  return Object.assign(program, { host, origin });
}

/** Runs a script of `python/` to its end; what it asserts shows in its exit code. */
export const python = (t, script, ...args) =>
  run(t, PYTHON, [inRepository(`tests/browser/python/${script}`), ...args]);

/** Publishes `data` and returns its cursor. */
export async function publish({ origin }, data, { topic = "demo", event } = {}) {
  const query = new URLSearchParams({ topic, ...(event && { event }) });
  const response = await fetch(`${origin}/v1/publish?${query}`, { method: "POST", body: data });
  if (response.status !== 201) throw new Error(`publish: ${response.status}`);
  return (await response.json()).cursor;
}

/** What the log holds behind `after`, without waiting. */
export async function poll({ origin }, after = "oldest", topic = "demo") {
  const query = new URLSearchParams({ topic, after, wait: "0" });
  return (await fetch(`${origin}/v1/poll?${query}`)).json();
}

/** Waits until `isSo` holds, and says what was awaited if it never does. */
export async function until(what, isSo, { seconds = 15 } = {}) {
  const end = performance.now() + seconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
