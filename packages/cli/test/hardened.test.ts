import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const BIN = fileURLToPath(new URL("../bin/oath-ws.js", import.meta.url));

// Hardened processes forbid `__proto__`, and an object that is made with it throws there.
it.each([
  ["ibkr", "smd+265598,orders"],
  ["binance", "btcusdt@trade,btcusdt@depth"],
])("the adapter of %s works where __proto__ is forbidden", (venue, topics) => {
  const args = ["tail", "--venue", venue, topics, "--sim", "--for", "1s"];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--disable-proto=throw", BIN, ...args],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^summary: events [1-9]/m);
  expect(status).toBe(0);
});
