import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const PACKAGES = join(import.meta.dirname, "..", "..");

it.each(["contract", "resilience", "node", "web", "testing", "venue-kit"])("%s names no venue", (name) => {
  const root = join(PACKAGES, name, "src");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(0);
  const guilty = files.filter((file) =>
    /binance|coinbase|ibkr|interactive ?brokers/i.test(readFileSync(join(root, file), "utf8")),
  );
  expect(guilty).toEqual([]);
});
