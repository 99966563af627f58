import { expect, it } from "vitest";
import { shrinkBytes } from "../../../node/test/hostile/support/byte-mutations.js";
import { campaign, FUZZ_TIMEOUT_MS } from "../../../node/test/hostile/support/campaign.js";
import type { Target } from "../../../node/test/hostile/support/campaign.js";
import { mutateJson } from "../../../venue-kit/test/support/json-mutations.js";
import type { DepthSnapshot, DepthUpdate } from "../../src/market/payloads.js";
import { DepthRig } from "../support/depth-rig.js";

/**
 * Inputs of one book in their order, as JSON: what has a `lastUpdateId` is a snapshot, everything
 * else a diff.
 */
type Input = readonly string[];

const PRICES = ["1", "2.0", "3", "0.00000001", "99999999"];
const KEYS = ["U", "u", "b", "a", "lastUpdateId", "bids", "asks", "0", "1"];

const books: Target<Input> = {
  modules: /venue-binance\/src\/book/,
  fresh: (random) => {
    const price = (): string => PRICES[random.int(PRICES.length)] ?? "1";
    const levels = (): string[][] =>
      Array.from({ length: random.int(3) }, () => [price(), String(random.int(3))]);
    const snapshot = { lastUpdateId: 10, bids: [["1", "1"]], asks: [["3", "1"]] };
    const step = 1 + random.int(2);
    const diffs = Array.from({ length: random.int(5) }, (_, i) => {
      const U = 9 + i * step;
      return { U, u: U + random.int(2), b: levels(), a: levels() };
    });
    return (random.int(2) === 0 ? [snapshot, ...diffs] : [...diffs, snapshot]).map((each) =>
      JSON.stringify(each),
    );
  },
  mutate: (random, input, other) => {
    if (input.length === 0 || random.int(4) === 0) return [...input, ...other].slice(0, 10);
    const at = random.int(input.length);
    return input.with(at, mutateJson(random, input[at] ?? "", KEYS));
  },
  *shrink(input) {
    for (const index of input.keys()) yield input.toSpliced(index, 1);
    for (const [index, text] of input.entries()) {
      for (const shorter of shrinkBytes(Buffer.from(text))) {
        if (isJson(shorter.toString())) yield input.with(index, shorter.toString());
      }
    }
  },
  run(input) {
    const rig = new DepthRig(1_000, 4);
    const seen = new Set<string>();
    for (const text of input) {
      const given: unknown = JSON.parse(text);
      const isSnapshot = typeof given === "object" && given !== null && "lastUpdateId" in given;
      const took = isSnapshot
        ? rig.snapshot(given as unknown as DepthSnapshot)
        : rig.diff(given as DepthUpdate);
      for (const each of took.split(",")) seen.add(each);
      checkBook(rig);
    }
    return [...seen].toSorted().join();
  },
};

/** Whatever went in: what is shown is empty or a book. In plain comparisons, for there are many. */
function checkBook({ book, isLive }: DepthRig): void {
  const bids = book.bids.map(({ price }) => Number(price));
  const asks = book.asks.map(({ price }) => Number(price));
  const prices = [...bids.toReversed(), ...asks];
  const isSorted = prices.every(
    (price, i) => Number.isFinite(price) && (i === 0 || price > (prices[i - 1] ?? 0)),
  );
  const isFilled = [...book.bids, ...book.asks].every(({ quantity }) => Number(quantity) > 0);
  if (isSorted && isFilled && (isLive || prices.length === 0)) return;
  throw new Error(`no book: ${JSON.stringify({ isLive, bids: book.bids, asks: book.asks })}`);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

it(
  "a book is empty or good after any diffs and snapshots, and never fails for one that it " +
    "cannot read",
  async () => {
    const { outcomes } = await campaign(books, { runs: 480, seed: 7 });
    const seen = new Set([...outcomes].flatMap((outcome) => outcome.split(",")));
    for (const verdict of [
      "",
      "snapshot",
      "changes",
      "lost malformed",
      "lost gap",
      "lost crossed",
    ]) {
      expect([...seen]).toContain(verdict);
    }
  },
  FUZZ_TIMEOUT_MS,
);
