import { Buffer } from "node:buffer";
import { isWsError } from "@oath-ws/contract";
import { expect, it } from "vitest";
import { mutateBytes, shrinkBytes } from "../../../node/test/hostile/support/byte-mutations.js";
import { campaign, FUZZ_TIMEOUT_MS } from "../../../node/test/hostile/support/campaign.js";
import type { Target } from "../../../node/test/hostile/support/campaign.js";
import { bytesOf, SBE_FRAMES, tell } from "../support/sbe-frames.js";

const NAMES = Object.keys(SBE_FRAMES) as (keyof typeof SBE_FRAMES)[];
/** The smallest entry that carries an event or a level. */
const LEAST_ENTRY = 16;
const TOKENS = ["ffffffff", "1900", "1000", "0000000000000080", "10270100", "ff7f"].map((hex) =>
  Buffer.from(hex, "hex"),
);

/** The bytes, with a note of every index beyond them that was asked for. */
function guarded(bytes: Uint8Array, beyond: string[]): Uint8Array {
  return new Proxy(bytes, {
    get: (target, key) => {
      if (typeof key === "string" && /^-?\d+$/.test(key) && !(key in target)) beyond.push(key);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** How many strings and numbers came of a message. */
function size(value: unknown): number {
  return typeof value === "object" && value !== null
    ? Object.values(value).reduce<number>((sum, each) => sum + size(each), 0)
    : 1;
}

const TARGET: Target<Buffer> = {
  modules: /venue-binance\/src\/(sbe|feed)/,
  fresh: (random) => {
    if (random.int(8) > 0) return bytesOf(NAMES[random.int(NAMES.length)] ?? "trade");
    return Buffer.from(Array.from({ length: random.int(80) }, () => random.int(256)));
  },
  mutate: (random, input, other) => {
    const spoilt = mutateBytes(random, input, other, TOKENS).subarray(0, 4_000);
    // Most of what is spoilt keeps its template, or nothing behind the header would be reached.
    if (spoilt.length >= 8 && random.int(4) > 0) spoilt.set(input.subarray(2, 6), 2);
    return spoilt;
  },
  shrink: shrinkBytes,
  run: (input) => {
    const beyond: string[] = [];
    try {
      const { events, errors } = tell(guarded(input, beyond));
      for (const error of errors) expect(isWsError(error) && error.code).toBe("FRAME_UNKNOWN");
      // Ten fields of an event, two strings of a level: nothing grows beyond what was sent.
      expect(size(events)).toBeLessThanOrEqual(10 * (1 + input.length / LEAST_ENTRY));
      if (errors.length > 0) return "unreadable";
      return events.length === 0 ? "nothing" : `event of ${events[0]?.[0]}`;
    } catch (error) {
      if (isWsError(error)) return `threw ${error.code}`;
      throw error;
    } finally {
      expect(beyond).toEqual([]);
    }
  },
};

it(
  "the decoder of SBE makes events or typed errors of any bytes, and reads none beyond them",
  async () => {
    const seen = await campaign(TARGET, { runs: 960, seed: 20_261_130 });
    const topics = NAMES.map((name) => `event of ${SBE_FRAMES[name].topic}`);
    expect([...seen.outcomes]).toEqual(
      expect.arrayContaining([...topics, "unreadable", "nothing", "threw FRAME_UNKNOWN"]),
    );
  },
  FUZZ_TIMEOUT_MS,
);
