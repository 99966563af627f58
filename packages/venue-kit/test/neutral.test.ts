import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const PACKAGES = join(import.meta.dirname, "..", "..");

/** Every venue that has an adapter here, under all names: looked for inside words, too. */
const OURS: readonly string[] = [
  ...readdirSync(PACKAGES)
    .filter((folder) => folder.startsWith("venue-") && folder !== "venue-kit")
    .map((folder) => folder.slice("venue-".length)),
  ...["binance", "coinbase", "ibkr", "interactive ?brokers", "client ?portal"],
];

/** Others whose habits one might have in mind: looked for as words. */
const OTHERS = [
  "alpaca",
  "bitfinex",
  "bitmex",
  "bitstamp",
  "bybit",
  "deribit",
  "gemini",
  "kraken",
  "kucoin",
  "nasdaq",
  "oanda",
  "okx",
  "tradier",
];

const NAMED = new RegExp(`${OURS.join("|")}|(?<![a-z])(${OTHERS.join("|")})(?![a-z])`, "i");

it.each(["contract", "resilience", "node", "web", "testing", "venue-kit"])(
  "%s names no venue, comments included",
  (name) => {
    const root = join(PACKAGES, name, "src");
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    expect(files.length).toBeGreaterThan(0);
    const guilty = files.filter(
      (file) => NAMED.test(file) || NAMED.test(readFileSync(join(root, file), "utf8")),
    );
    expect(guilty).toEqual([]);
  },
);

it.each([
  "a habit of Kraken's",
  "const binanceUrl",
  "IBKR",
  "class CoinbaseFeed",
  "Interactive Brokers",
  "OKX_LIMIT",
  "venue-ibkr",
])("%j would be found", (text) => {
  expect(text).toMatch(NAMED);
});

it.each(["a venue", "combined", "bookx", "the same"])("%j is no venue's name", (text) => {
  expect(text).not.toMatch(NAMED);
});
