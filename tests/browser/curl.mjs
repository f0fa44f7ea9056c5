// curl as a client, and what it says about a response.

import { Program, run, until } from "./programs.mjs";

/** Asks with curl and reads the whole response. `args` are curl's own; the last is the URL. */
export async function curl(t, ...args) {
  const { code, stdout, stderr } = await run(t, "curl", ["-sS", "-i", "--max-time", "20", ...args]);
  if (code !== 0) throw new Error(`curl ends with ${code}: ${stderr}`);
  return parse(stdout);
}

/** Starts curl beside the test, with the body on its standard output as it comes. */
export const startCurl = (t, ...args) => new Program(t, "curl", "-sS", "-N", ...args);

/** Starts curl and waits until its request, and a later one of ours, have reached the server. */
export async function heldCurl(t, { origin }, path) {
  const held = new Program(t, "curl", "-sS", "-v", "--max-time", "30", `${origin}${path}`);
  await until("curl has asked", () => /^> \r?$/m.test(held.stderr));
  await fetch(`${origin}/healthz`);
  return held;
}

function parse(text) {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine, ...lines] = text.slice(0, end).split("\r\n");
  const fields = lines.map((line) => /^([^:]+): ?(.*)$/.exec(line).slice(1));
  const headers = Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value]));
  const body = text.slice(end + 4);
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    body,
    get json() {
      return JSON.parse(body);
    },
  };
}
