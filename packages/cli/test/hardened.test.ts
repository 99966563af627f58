import { expect, it } from "vitest";
import { BIN, endAfter, startNode } from "./support/run-cli.js";

// Hardened processes forbid `__proto__`, and an object that is made with it throws there.
it.each([
  ["ibkr", "smd+265598,orders"],
  ["binance", "btcusdt@trade,btcusdt@depth"],
])("the adapter of %s works where __proto__ is forbidden", async (venue, topics) => {
  const args = ["tail", "--venue", venue, topics, "--sim"];
  const running = startNode("--disable-proto=throw", BIN, ...args);
  const { code, out, err } = await endAfter(running, /seq 1\)/);
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^summary: events [1-9]/m);
});
