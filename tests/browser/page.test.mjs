// The live page in a real browser, against the real server: no lane loses anything, whatever happens to it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { KINDS, LivePage } from "./live_page.mjs";
import { Proxy } from "./proxy.mjs";
import { poll, publish, serve, until } from "./programs.mjs";

test("four lanes follow the log through drops and switches", async (t) => {
  const server = await serve(t);
  const live = await LivePage.open(t, server);
  await live.setRate(4);

  await t.test("all lanes advance", () =>
    Promise.all(live.lanes.map((lane) => lane.rises("events", 10))),
  );

  await t.test("each lane comes back when it is dropped", async () => {
    for (const lane of live.lanes) {
      await lane.drop();
      await lane.says("state", "dropped");
      await Promise.all([lane.rises("requests"), lane.rises("events", 10)]);
      assert.notEqual(await lane.text("state"), "dropped");
    }
  });

  await t.test("each lane goes on over every other transport", async () => {
    for (let step = 1; step <= KINDS.length; step += 1) {
      for (const [i, lane] of live.lanes.entries()) {
        const kind = KINDS[(i + step) % KINDS.length];
        await lane.switchTo(kind);
        await until(`${lane.kind} is ${kind}`, async () => {
          return (await lane.card.getAttribute("data-transport")) === kind;
        });
      }
      await Promise.all(live.lanes.map((lane) => lane.rises("events", 10)));
    }
  });

  await t.test("what others publish reaches all lanes", async () => {
    await live.publishSteadily(false);
    await publish(server, "hello from elsewhere");
    await live.seenByAll("hello from elsewhere");
  });

  await t.test("what is typed reaches all lanes, as it was typed", async () => {
    const text = `<b>"häh?" & 🌊</b>`;
    await live.publish(text);
    await live.seenByAll(text);
  });

  await noneLost(live, server);
  assert.deepEqual(live.complaints, []);
  assert.deepEqual([...new Set(live.asked.map((url) => new URL(url).host))], [server.host]);
});

test("four lanes outlive a network that is cut", async (t) => {
  const server = await serve(t);
  const proxy = await Proxy.before(t, server);
  const live = await LivePage.open(t, proxy);
  await live.setRate(4);
  for (let cut = 0; cut < 3; cut += 1) {
    await Promise.all(live.lanes.map((lane) => lane.rises("events", 10)));
    proxy.cut();
  }
  await Promise.all(live.lanes.map((lane) => lane.rises("events", 10)));

  await live.publishSteadily(false);
  await publish(server, "the end");
  await live.seenByAll("the end");
  await noneLost(live, server);
});

test("four lanes go on in the new log when the server begins one", async (t) => {
  const first = await serve(t);
  const live = await LivePage.open(t, first);
  await live.setRate(4);
  await Promise.all(live.lanes.map((lane) => lane.rises("events", 10)));

  await first.kill();
  await serve(t, "--listen", first.host);
  for (const lane of live.lanes) await lane.says("reset", "reset: epoch (1)");
  await Promise.all(live.lanes.map((lane) => lane.rises("events", 10)));
  assert.equal(await live.totalLost(), 0);
  assert.deepEqual(await live.numbers("duplicates"), [0, 0, 0, 0]);
});

/** Every lane has shown every event of the log, once. */
async function noneLost(live, server) {
  const { events } = await poll(server, "last:256");
  const last = Number(events.at(-1).cursor.split(".")[1]);
  await live.caughtUp(last);
  assert.deepEqual(await live.numbers("events"), Array(4).fill(last));
  assert.deepEqual(await live.numbers("lost"), [0, 0, 0, 0]);
  assert.deepEqual(await live.numbers("duplicates"), [0, 0, 0, 0]);
  assert.equal(await live.totalLost(), 0);
}
