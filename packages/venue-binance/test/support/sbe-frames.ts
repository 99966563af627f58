import { Buffer } from "node:buffer";
import { InboundFrame } from "@oath-ws/resilience/leaf";
import type { Inbox } from "@oath-ws/venue-kit";
import { SbeGrammar } from "../../src/feed/sbe-grammar.js";
import type { PayloadMaker } from "../../src/feed/sbe-grammar.js";
import { parseStreamName } from "../../src/market/stream-name.js";
import { textPayload } from "../../src/sbe/payloads.js";

/**
 * Messages written by hand from the schema, and what they say. No encoder has made them: they check
 * both the decoder and the simulator's encoder.
 */
export const SBE_FRAMES = {
  // Two trades of one order; 2^63 - 1 is the greatest mantissa that there is.
  trade: {
    hex: [
      "12001027 01000000", // block of 18 bytes, template 10000, schema 1, version 0
      "4082423dce490600 7980423dce490600 f8f8", // sent at, traded at, exponents -8 and -8
      "1900 02000000", // entries of 25 bytes, two of them
      "01f2052a01000000 007b95fc74050000 f049020000000000 01",
      "02f2052a01000000 007b95fc74050000 ffffffffffffff7f 00",
      "07 42544355534454",
    ],
    topic: "btcusdt@trade",
    payloads: [
      {
        e: "trade",
        E: 1_770_000_000_123_456,
        s: "BTCUSDT",
        t: 5_000_000_001,
        p: "60000.12000000",
        q: "0.00150000",
        T: 1_770_000_000_123_001,
        m: true,
        M: true,
      },
      {
        e: "trade",
        E: 1_770_000_000_123_456,
        s: "BTCUSDT",
        t: 5_000_000_002,
        p: "60000.12000000",
        q: "92233720368.54775807",
        T: 1_770_000_000_123_001,
        m: false,
        M: true,
      },
    ],
  },
  // An ask quantity of 2^53 + 1, which no double holds.
  bestBidAsk: {
    hex: [
      "32001127 01000000",
      "4082423dce490600 0903000000000000 fefb", // exponents -2 and -5
      "8b8d5b0000000000 0000000000000000 8c8d5b0000000000 0100000000002000",
      "07 42544355534454",
    ],
    topic: "btcusdt@bestBidAsk",
    payloads: [
      {
        E: 1_770_000_000_123_456,
        u: 777,
        s: "BTCUSDT",
        b: "60000.11",
        B: "0.00000",
        a: "60000.12",
        A: "90071992547.40993",
      },
    ],
  },
  // Exponents of 0 and 3; one side is empty.
  depth20: {
    hex: [
      "12001227 01000000",
      "4082423dce490600 0a03000000000000 0003",
      "1000 0100",
      "60ea000000000000 0200000000000000",
      "1000 0000",
      "07 42544355534454",
    ],
    topic: "btcusdt@depth20",
    payloads: [
      {
        E: 1_770_000_000_123_456,
        s: "BTCUSDT",
        lastUpdateId: 778,
        bids: [["60000", "2000"]],
        asks: [],
      },
    ],
  },
  // A symbol that is not ASCII; a quantity of 0 removes the level; quantities of 2^53 and more.
  depth: {
    hex: [
      "1a001327 01000000",
      "4082423dce490600 0b03000000000000 0d03000000000000 f8f8",
      "1000 0100",
      "c03886fc74050000 0000000000000000",
      "1000 0200",
      "0100000000000000 0000000000002000",
      "874b6b5d54dc2b00 0100000000000000",
      "09 e5b881415553445458",
    ],
    topic: "币ausdtx@depth",
    payloads: [
      {
        e: "depthUpdate",
        E: 1_770_000_000_123_456,
        s: "币AUSDTX",
        U: 779,
        u: 781,
        b: [["60000.11000000", "0.00000000"]],
        a: [
          ["0.00000001", "90071992.54740992"],
          ["123456789.01234567", "0.00000001"],
        ],
      },
    ],
  },
} as const;

/** The bytes of a fixture, again each time. */
export function bytesOf(name: keyof typeof SBE_FRAMES): Buffer {
  return Buffer.from(SBE_FRAMES[name].hex.join("").replaceAll(" ", ""), "hex");
}

/** What a message came to. */
export interface Told {
  readonly events: readonly (readonly [topic: string, payload: unknown])[];
  /** Of the streams of the fixtures, those that a part which cannot be read concerns. */
  readonly unreadable: readonly (readonly string[])[];
  readonly errors: readonly unknown[];
}

/** A grammar that all streams of the fixtures were asked for. */
export function sbeGrammar(payloadOf: PayloadMaker = textPayload): SbeGrammar {
  const grammar = new SbeGrammar(payloadOf);
  for (const { topic } of Object.values(SBE_FRAMES)) grammar.learn(parseStreamName(topic, "sbe"));
  return grammar;
}

/** Lets a grammar read one binary message. @throws what the grammar throws */
export function tell(data: Uint8Array, grammar: SbeGrammar = sbeGrammar()): Told {
  const told = {
    events: [] as [string, unknown][],
    unreadable: [] as string[][],
    errors: [] as unknown[],
  };
  const topics = Object.values(SBE_FRAMES).map(({ topic }) => topic);
  const inbox: Pick<Inbox, "event" | "unreadable"> = {
    event: (topic, payload) => void told.events.push([topic, payload]),
    unreadable: (isConcerned, error) => {
      told.unreadable.push(topics.filter(isConcerned));
      told.errors.push(error);
    },
  };
  const frame = new InboundFrame("binary", data);
  frame.stamp(1, { epoch: 1, at: 1, unixMs: 1, elapsedMs: 1 });
  grammar.receive(frame, inbox as Inbox);
  return told;
}
