// Pictures of the live page for whoever reviews its looks, written to target/screenshots/, or to where
// `SCREENSHOTS` says. What can be told without eyes is asserted.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { LivePage } from "./live_page.mjs";
import { inRepository, publish, serve } from "./programs.mjs";

const FOLDER = process.env.SCREENSHOTS ?? inRepository("target/screenshots");

const LOOKS = {
  light: { colorScheme: "light", viewport: { width: 1360, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1360, height: 900 } },
  narrow: { colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true },
};

for (const [name, look] of Object.entries(LOOKS)) {
  test(`the page looks well: ${name}`, async (t) => {
    const server = await serve(t);
    const live = await LivePage.open(t, server, look);
    await live.setRate(3);
    await live.lanes[3].rises("events", 30);
    await live.setRate(1);
    await publish(server, "hello from a terminal");
    await live.seenByAll("hello from a terminal");
    await live.page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });

    const { hidden, cut } = await live.page.evaluate(() => {
      const excess = (element) => element.scrollWidth - element.clientWidth;
      const words = [...document.querySelectorAll("h1, h2, .brand p, .lane dd, .lane dt, button")];
      const cut = words
        .filter((element) => excess(element) > 0)
        .map(({ textContent }) => textContent);
      return { hidden: excess(document.documentElement), cut };
    });
    assert.equal(hidden, 0, "nothing sticks out at the side");
    assert.deepEqual(cut, [], "no word and no number is cut");
    assert.deepEqual(live.complaints, []);
  });
}

test("the theme follows the system until its button is pressed", async (t) => {
  const { page } = await LivePage.open(t, await serve(t), LOOKS.light);
  const background = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await background();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await background();
  assert.notEqual(light, dark);
  await page.locator("#theme").click();
  assert.equal(await background(), light);
});
