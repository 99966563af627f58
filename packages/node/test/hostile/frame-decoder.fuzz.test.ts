import { Buffer } from "node:buffer";
import type { SeededRandom } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { messageDeflate } from "../../src/direct/message-deflate.js";
import { bytewise, cut, decode } from "../direct/support/decoding.js";
import type { Decoded } from "../direct/support/decoding.js";
import { StreamGenerator } from "../direct/support/stream-generator.js";
import { closePayload, frame, OP } from "../support/frames.js";
import { mutateBytes, shrinkBytes } from "./support/byte-mutations.js";
import { campaign, FUZZ_TIMEOUT_MS } from "./support/campaign.js";
import type { Target } from "./support/campaign.js";

/** Small, so that it is reached. */
const MAX_MESSAGE_BYTES = 3000;
/** A longer stream says nothing that a shorter one does not. */
const MAX_STREAM_BYTES = 20_000;

interface Input {
  readonly bytes: Buffer;
  readonly places: readonly number[];
}

const TOKENS = [
  frame(OP.text, "é"),
  frame(OP.text, "a", { fin: false }),
  frame(OP.continuation, "b", { fin: false }),
  frame(OP.continuation, "c"),
  frame(OP.ping, "p"),
  frame(OP.close, closePayload(1000, "bye")),
  frame(OP.binary, Buffer.alloc(126)),
  Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
];

function places(random: SeededRandom): number[] {
  return Array.from({ length: random.int(8) }, () => random.int(MAX_STREAM_BYTES));
}

function target(compressed: boolean): Target<Input> {
  const deflate = compressed
    ? messageDeflate({ clientWindowBits: 15, serverKeepsContext: false }, {}, MAX_MESSAGE_BYTES)
    : undefined;
  const settings = { maxMessageBytes: MAX_MESSAGE_BYTES, inflate: deflate?.inflate };
  return {
    modules: /\/src\/direct\//,
    fresh: (random) => ({
      bytes: new StreamGenerator(random, compressed).stream().subarray(0, MAX_STREAM_BYTES),
      places: places(random),
    }),
    mutate: (random, input, other) => ({
      bytes: mutateBytes(random, input.bytes, other.bytes, TOKENS).subarray(0, MAX_STREAM_BYTES),
      places: places(random),
    }),
    *shrink({ bytes, places }) {
      for (const fewer of shrinkBytes(bytes)) yield { bytes: fewer, places };
      if (places.length > 0) yield { bytes, places: places.slice(1) };
    },
    run({ bytes, places }) {
      const whole = decode([bytes], settings);
      expectSame(decode(cut(bytes, places), settings), whole);
      if (bytes.length < 300) expectSame(decode(bytewise(bytes), settings), whole);
      checkInvariants(whole, compressed ? Number.POSITIVE_INFINITY : bytes.length);
      const last = whole.at(-1);
      const kinds = new Set(whole.map(([kind]) => kind));
      return [...kinds, ...(last?.[0] === "refused" ? last : [])].join();
    },
  };
}

/** `expect` takes longer than what it compares; it is asked for its words only. */
function expectSame(got: readonly Decoded[], whole: readonly Decoded[]): void {
  const same =
    got.length === whole.length &&
    got.every((item, i) => item.every((part, j) => part === whole[i]?.[j]));
  if (!same) expect(got).toEqual(whole);
}

/** What must be true of anything that was decoded, whatever the bytes were. */
function checkInvariants(decoded: readonly Decoded[], atMostBytes: number): void {
  let bytes = 0;
  for (const [index, [kind, first, second]] of decoded.entries()) {
    const isLast = index === decoded.length - 1;
    if (kind === "refused") {
      claim(
        isLast && REFUSALS.has(`${first} ${second}`),
        "a refusal is the last thing, and one of those that there are",
      );
    } else if (kind === "close") {
      claim(
        isLast && isCloseCode(Number(first)) && isText(String(second)),
        "a close frame is the last thing, and sound",
      );
    } else {
      const { length } = String(first);
      const limit = kind === "ping" || kind === "pong" ? 125 : MAX_MESSAGE_BYTES;
      claim(
        length <= limit && (kind !== "text" || isText(String(first))),
        "a payload keeps to its limit, and text is UTF-8",
      );
      bytes += length;
    }
  }
  claim(bytes <= atMostBytes, "no more comes out than goes in");
}

const REFUSALS: ReadonlySet<string> = new Set([
  "PROTOCOL_ERROR 1002",
  "PROTOCOL_ERROR 1007",
  "INVALID_UTF8 1007",
  "MESSAGE_TOO_BIG 1009",
]);

/** Those that RFC 6455 section 7.4 and IANA's registry let through, and 1005 for none. */
function isCloseCode(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1006) ||
    (code >= 3000 && code <= 4999)
  );
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function isText(latin1: string): boolean {
  try {
    utf8.decode(Buffer.from(latin1, "latin1"));
    return true;
  } catch {
    return false;
  }
}

function claim(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken: ${what}`);
}

it.each([
  ["plain", false, 2400],
  ["compressed", true, 2000],
] as const)(
  "%s streams are decoded alike however they are cut, and break no promise",
  async (_name, compressed, runs) => {
    const { outcomes } = await campaign(target(compressed), { runs, seed: 6455 });
    // It must have got everywhere, or it means little.
    const reached = [...outcomes].join("\n");
    for (const code of [
      "PROTOCOL_ERROR,1002",
      "INVALID_UTF8,1007",
      "MESSAGE_TOO_BIG,1009",
      "close",
    ])
      expect(reached).toContain(code);
    if (compressed) expect(reached).toContain("PROTOCOL_ERROR,1007");
  },
  FUZZ_TIMEOUT_MS,
);
