// Opens a page in the system's Chromium. The tests of what the page does stand in *.test.mjs.

import { spawnSync } from "node:child_process";
import { chromium } from "playwright-core";

/** An empty page, and what closes its browser. `CHROMIUM` names the program, by path or by name. */
export async function openPage() {
  const browser = await chromium.launch({
    executablePath: programPath(process.env.CHROMIUM ?? "chromium"),
    // Its sandbox refuses to run as root, which is what a container's tests run as.
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
  return { page: await browser.newPage(), close: () => browser.close() };
}

function programPath(name) {
  if (name.includes("/")) return name;
  return spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}
