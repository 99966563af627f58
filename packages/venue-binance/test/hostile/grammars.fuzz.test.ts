import { createWorld } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { campaign, FUZZ_TIMEOUT_MS } from "../../../node/test/hostile/support/campaign.js";
import { grammarTarget } from "../../../venue-kit/test/support/grammar-campaign.js";
import type { GrammarUnderTest } from "../../../venue-kit/test/support/grammar-campaign.js";
import { CombinedGrammar } from "../../src/feed/market-grammar.js";
import { RawGrammar } from "../../src/feed/raw-grammar.js";
import { parseStreamName } from "../../src/market/stream-name.js";
import { WeightBudget } from "../../src/rest/weight-budget.js";
import { UserDataGrammar } from "../../src/user-data/user-data-grammar.js";

const TRADE = { e: "trade", E: 1, s: "BTCUSDT", t: 1, p: "1.0", q: "2.0", T: 1, m: true, M: true };
const KLINE = {
  e: "kline",
  E: 1,
  s: "BTCUSDT",
  k: { t: 1, T: 2, s: "BTCUSDT", i: "1m", o: "1", c: "1", x: false },
};
const BEST = {
  u: 400900217,
  s: "BNBUSDT",
  b: "25.35190000",
  B: "31.21000000",
  a: "25.36520000",
  A: "40.66000000",
};
const ARRAY = [{ e: "24hrMiniTicker", E: 1, s: "BTCUSDT", c: "1" }];
const SHUTDOWN = { e: "serverShutdown", E: 1 };
const ANSWERS = [
  { result: null, id: 1 },
  { result: ["btcusdt@trade"], id: 3 },
  { error: { code: 2, msg: "Invalid request: unknown variant" }, id: 1 },
  { code: 0, msg: "Unknown property", id: null },
];
const KEYS = [
  "e",
  "s",
  "k",
  "i",
  "u",
  "id",
  "result",
  "error",
  "code",
  "msg",
  "stream",
  "data",
  "event",
  "status",
  "__proto__",
];

const GRAMMARS: Readonly<
  Record<string, GrammarUnderTest & { readonly outcomes: readonly string[] }>
> = {
  "combined streams": {
    modules: /venue-binance\/src\/(feed|json)/,
    make: () => {
      const grammar = new CombinedGrammar();
      grammar.learn(parseStreamName("btcusdt@trade"));
      return grammar;
    },
    frames: [
      { stream: "btcusdt@trade", data: TRADE },
      { stream: "!serverShutdown", data: SHUTDOWN },
      SHUTDOWN,
      ...ANSWERS,
    ],
    keys: KEYS,
    outcomes: [
      "event",
      "ending",
      "confirmed",
      "refused",
      "nothing",
      "threw FRAME_UNKNOWN",
      "threw SyntaxError",
    ],
  },
  "raw streams": {
    modules: /venue-binance\/src\/(feed|json|market)/,
    make: () => {
      const grammar = new RawGrammar();
      const names = ["btcusdt@trade", "btcusdt@kline_1m", "bnbusdt@bookTicker", "!miniTicker@arr"];
      for (const name of names) grammar.learn(parseStreamName(name), []);
      return grammar;
    },
    frames: [TRADE, KLINE, BEST, ARRAY, SHUTDOWN, ...ANSWERS],
    keys: KEYS,
    outcomes: [
      "event",
      "ending",
      "confirmed",
      "refused",
      "nothing",
      "threw FRAME_UNKNOWN",
      "threw SyntaxError",
    ],
  },
  "user data": {
    modules: /venue-binance\/src\/(user-data|rest)/,
    make: () =>
      new UserDataGrammar({
        venueNow: () => 1_000_000,
        budget: new WeightBudget(createWorld().timer),
      }),
    frames: [
      { subscriptionId: 0, event: { e: "executionReport", E: 1, s: "BTCUSDT" } },
      { event: SHUTDOWN },
      { event: { e: "eventStreamTerminated", E: 1 } },
      { id: 1, status: 200, result: { subscriptionId: 0 }, rateLimits: [] },
      { id: 2, status: 400, error: { code: -1121, msg: "Invalid symbol." } },
      {
        id: 2,
        status: 418,
        error: {
          code: -1003,
          msg: "Way too much.",
          data: { serverTime: 1, retryAfter: 1_030_000 },
        },
      },
      { id: null, status: 401, error: { code: -2015, msg: "Invalid API-key." } },
    ],
    keys: [...KEYS, "retryAfter", "serverTime"],
    outcomes: [
      "event",
      "ending",
      "sessionLost",
      "confirmed",
      "refused",
      "failed",
      "threw FRAME_UNKNOWN",
      "threw SyntaxError",
    ],
  },
};

it.each(Object.entries(GRAMMARS))(
  "the decoder of %s makes events, answers or typed errors of any frame",
  async (_name, { outcomes, ...grammar }) => {
    const seen = await campaign(grammarTarget(grammar), { runs: 480, seed: 20_261_126 });
    expect([...seen.outcomes]).toEqual(expect.arrayContaining([...outcomes]));
  },
  FUZZ_TIMEOUT_MS,
);
