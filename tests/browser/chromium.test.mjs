// Chromium starts and runs a script. What a page can do against the server is tested elsewhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./chromium.mjs";

test("chromium runs a script that knows WebSocket and EventSource", async (t) => {
  const page = await openPage(t);
  const known = await page.evaluate(() => [typeof WebSocket, typeof EventSource, 6 * 7]);
  assert.deepEqual(known, ["function", "function", 42]);
});
