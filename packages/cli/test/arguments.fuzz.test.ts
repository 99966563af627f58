import { expect, it } from "vitest";
import { mutateBytes, shrinkBytes } from "../../node/test/hostile/support/byte-mutations.js";
import { campaign, FUZZ_TIMEOUT_MS } from "../../node/test/hostile/support/campaign.js";
import type { Target } from "../../node/test/hostile/support/campaign.js";
import { parseDuration } from "../src/duration.js";
import { parseHeaders } from "../src/header-option.js";
import { UsageError } from "../src/usage-error.js";

const SEEDS = [
  "500ms",
  "20s",
  "1.5m",
  "2h",
  "0s",
  "X-Key: abc",
  "authorization:Bearer a:b",
  "__proto__: x",
  ":",
  "a:",
];
const TOKENS = [
  "9",
  "0.",
  "-",
  "e9",
  "ms",
  "s",
  "m",
  "h",
  ":",
  " ",
  "\n",
  "\u0000",
  "__proto__",
  "9".repeat(400),
].map((token) => Buffer.from(token));

/** What a parser gives; `undefined` when it refuses as a parser of ours may. */
function taken<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.message).toMatch(/^--\w+ takes /);
    return undefined;
  }
}

const words: Target<string> = {
  modules: /packages\/cli\/src\/(duration|header-option)/,
  fresh: (random) => SEEDS[random.int(SEEDS.length)] ?? "",
  mutate: (random, input, other) =>
    mutateBytes(random, Buffer.from(input), Buffer.from(other), TOKENS).toString("utf8"),
  *shrink(input) {
    for (const shorter of shrinkBytes(Buffer.from(input))) yield shorter.toString("utf8");
  },
  run(word) {
    const ms = taken(() => parseDuration(word, "--for"));
    if (ms !== undefined) {
      expect(Number.isFinite(ms) && ms > 0).toBe(true);
      // Nothing but digits and a unit was taken.
      expect(word).toMatch(/^[\d.]+(ms|s|m|h)$/);
    }
    const headers = taken(() => parseHeaders([word]));
    if (headers !== undefined) {
      expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
      // As a header: none is lost, whatever its name.
      const colon = word.indexOf(":");
      expect(Object.entries(headers)).toEqual([
        [word.slice(0, colon).trim(), word.slice(colon + 1).trim()],
      ]);
    }
    const duration = ms === undefined ? "no duration" : "duration";
    return `${duration}, ${headers === undefined ? "no header" : "header"}`;
  },
};

it(
  "durations and headers of the command line are read as they are written, or refused in one " +
    "line without the header",
  async () => {
    const { outcomes } = await campaign(words, { runs: 480, seed: 3 });
    expect([...outcomes].toSorted()).toEqual([
      "duration, no header",
      "no duration, header",
      "no duration, no header",
    ]);
    expect(() => parseHeaders(["secret"])).toThrow(/^--header takes NAME:VALUE$/);
  },
  FUZZ_TIMEOUT_MS,
);
