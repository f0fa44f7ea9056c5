// Opens pages in the system's Chromium. The tests of what a page does stand in *.test.mjs.

import { spawnSync } from "node:child_process";
import { chromium } from "playwright-core";

/**
 * An empty page, until the test `t` ends. `CHROMIUM` names the program, by path or by name; `options`
 * are those of a browser context.
 */
export async function openPage(t, options = {}) {
  const browser = await chromium.launch({
    executablePath: programPath(process.env.CHROMIUM ?? "chromium"),
    // Its sandbox refuses to run as root, which is what a container's tests run as.
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
  t.after(() => browser.close());
  const page = await browser.newPage(options);
  page.setDefaultTimeout(15_000);
  return page;
}

function programPath(name) {
  if (name.includes("/")) return name;
  return spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}
