import { InboundFrame } from "@oath-ws/resilience/leaf";
import { isWsError } from "@oath-ws/contract";
import type { Grammar, Inbox } from "@oath-ws/venue-kit";
import { expect } from "vitest";
import { mutateBytes, shrinkBytes } from "../../../node/test/hostile/support/byte-mutations.js";
import type { Target } from "../../../node/test/hostile/support/campaign.js";
import { mutateJson } from "./json-mutations.js";

/** A venue's decoder, to be fed with frames that no venue should send. */
export interface GrammarUnderTest {
  /** Modules whose branches count. */
  readonly modules: RegExp;
  /**
   * The grammar as it is when a connection has come up, replaced for each input. What else it may
   * be told is its own affair.
   */
  readonly make: () => Grammar;
  /** Frames as the venue sends them: at least one of each kind. */
  readonly frames: readonly object[];
  /** Names that mean something to it somewhere. */
  readonly keys: readonly string[];
}

const MAX_FRAMES = 4;
const encoder = new TextEncoder();

/**
 * Some frames, one after the other, on one connection. Whatever they are: a decoder tells its inbox
 * what it found, with names that are names and errors that are errors, or it throws a `WsError`, or
 * what `JSON.parse` throws; anything else is a fault of the decoder that a venue could set off.
 */
export function grammarTarget({
  modules,
  make,
  frames,
  keys,
}: GrammarUnderTest): Target<readonly string[]> {
  const texts = frames.map((frame) => JSON.stringify(frame));
  const tokens = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\u0000",
    "\\ud800",
    "1e999",
    "-0",
    "null",
  ].map((token) => Buffer.from(token));
  return {
    modules,
    fresh: (random) =>
      Array.from(
        { length: 1 + random.int(MAX_FRAMES) },
        () => texts[random.int(texts.length)] ?? "",
      ),
    mutate: (random, input, other) => {
      const at = random.int(input.length);
      const text = input[at] ?? "";
      const spoilt =
        random.int(4) === 0
          ? mutateBytes(random, Buffer.from(text), Buffer.from(other[0] ?? ""), tokens).toString(
              "utf8",
            )
          : mutateJson(random, text, keys);
      const varied = input.with(at, spoilt.slice(0, 100_000));
      return random.int(4) === 0 ? [...varied, ...other].slice(0, MAX_FRAMES) : varied;
    },
    *shrink(input) {
      for (const index of input.keys()) yield input.toSpliced(index, 1);
      for (const [index, text] of input.entries()) {
        for (const shorter of shrinkBytes(Buffer.from(text)))
          yield input.with(index, shorter.toString("utf8"));
      }
    },
    run(input) {
      const grammar = make();
      const log: string[] = [];
      const inbox = strictInbox(log);
      for (const [index, text] of input.entries()) {
        const frame = new InboundFrame("text", encoder.encode(text));
        frame.stamp(index + 1, { epoch: 1, at: index, unixMs: index, elapsedMs: index });
        try {
          grammar.receive(frame, inbox);
        } catch (error) {
          log.push(`threw ${codeOf(error)}`);
        }
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
      return log.length === 0 ? "nothing" : (log.at(-1) ?? "");
    },
  };
}

/** Any other error than these is a mistake of the grammar. */
function codeOf(error: unknown): string {
  if (isWsError(error)) return error.code;
  if (error instanceof SyntaxError) return "SyntaxError";
  throw error;
}

/** Takes only what the contract of {@link Inbox} allows. */
function strictInbox(log: string[]): Inbox {
  const checkId = (id: unknown): void => {
    expect(Number.isFinite(id)).toBe(true);
  };
  const checkError = (error: unknown): void => {
    if (!isWsError(error)) throw new TypeError("an inbox was given an error that is no WsError");
    expect(error.message).toMatch(/./);
    const { retryAfterMs = 0 } = error;
    expect(Number.isFinite(retryAfterMs) && retryAfterMs >= 0).toBe(true);
  };
  return {
    greeted: () => {
      log.push("greeted");
    },
    event: (topic) => {
      expect(topic).toBeTypeOf("string");
      log.push("event");
    },
    unreadable: (isConcerned, error) => {
      expect(isConcerned("a topic")).toBeTypeOf("boolean");
      log.push(`unreadable ${codeOf(error)}`);
    },
    missed: (isConcerned = () => true) => {
      expect(isConcerned("a topic")).toBeTypeOf("boolean");
      log.push("missed");
    },
    topicConfirmed: (topic, id) => {
      expect(topic).toBeTypeOf("string");
      if (id !== undefined) checkId(id);
      log.push("topicConfirmed");
    },
    resync: (topic) => {
      expect(topic).toBeTypeOf("string");
      log.push("resync");
    },
    beat: () => {
      log.push("beat");
    },
    venueStatus: (state) => {
      expect(["unknown", "open", "limited", "halted"]).toContain(state);
      log.push(`venueStatus ${state}`);
    },
    confirmed: (id) => {
      checkId(id);
      log.push("confirmed");
    },
    refused: (id, error, verdict) => {
      checkId(id);
      checkError(error);
      expect(["never", "notNow"]).toContain(verdict);
      log.push("refused");
    },
    topicRefused: (topic, error, verdict) => {
      expect(topic).toBeTypeOf("string");
      checkError(error);
      expect(["never", "notNow"]).toContain(verdict);
      log.push("topicRefused");
    },
    later: (id, error) => {
      checkId(id);
      checkError(error);
      log.push("later");
    },
    ending: (reason) => {
      expect(reason).toBeTypeOf("string");
      log.push("ending");
    },
    sessionLost: (cause) => {
      checkError(cause);
      log.push("sessionLost");
    },
    failed: (error) => {
      checkError(error);
      log.push("failed");
    },
  };
}
