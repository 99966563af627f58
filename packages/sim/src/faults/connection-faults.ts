import { encodeBytes, type EncodedText } from "../wire/encoded-text.js";
import type { Link } from "../wire/link.js";
import type { TextPath } from "../wire/text-path.js";
import type { Fault } from "./fault.js";

/** A connection, as far as these faults are concerned. */
export interface FaultyConnection {
  readonly link: Link;
  readonly texts: TextPath;
  /** Ends it with a close frame; 1005 for one without a code. */
  end(code: number, reason?: string): void;
  /** Runs something after a venue duration, unless the connection ends first. */
  after(venueMs: number, run: () => void): unknown;
  /** Stops reading and writing for a venue duration. */
  stall(forMs: number): void;
  /** Sends what is no message of the venue, as an event. */
  oddity(text: EncodedText): void;
}

const KINDS = [
  "close",
  "reset",
  "half-open",
  "mute",
  "unmute",
  "stall",
  "stop-reading",
  "throttle",
  "drop",
  "drop-replies",
  "duplicate",
  "reorder",
  "oversized",
  "bad-utf8",
  "fragment",
  "ignore-close",
] as const;

/** Faults that any connection can have, whatever the venue. */
export type ConnectionFault = Extract<Fault, { kind: (typeof KINDS)[number] }>;

/** Whether a fault is one of those that {@link faultConnection} performs. */
export function isConnectionFault(fault: { readonly kind: string }): fault is ConnectionFault {
  return KINDS.some((kind) => kind === fault.kind);
}

/** Makes a fault happen to one connection, now. */
export function faultConnection(fault: ConnectionFault, connection: FaultyConnection): void {
  const { link, texts } = connection;
  switch (fault.kind) {
    case "close":
      return connection.end(fault.code ?? 1000, fault.reason);
    case "reset":
      return link.reset();
    case "half-open":
      return link.halfOpen();
    case "mute":
      texts.mute(true);
      if (fault.forMs !== undefined) connection.after(fault.forMs, () => texts.mute(false));
      return;
    case "unmute":
      return texts.mute(false);
    case "stall":
      return connection.stall(fault.forMs);
    case "stop-reading":
      link.stopReading();
      if (fault.forMs !== undefined) connection.after(fault.forMs, () => link.readAgain());
      return;
    case "throttle":
      return link.throttle(fault.bytesPerSecond);
    case "drop":
      return texts.drop(fault.count ?? 1);
    case "drop-replies":
      return texts.dropReplies(fault.count ?? 1);
    case "duplicate":
      return texts.duplicate(fault.count ?? 1);
    case "reorder":
      return texts.reorder(fault.count ?? 1);
    case "oversized":
      return connection.oddity(encodeBytes(oversized(fault.bytes ?? 1_048_576)));
    case "bad-utf8":
      // 0xC3 opens a two-byte character, and 0x28 cannot continue it.
      return connection.oddity(encodeBytes(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d])));
    case "fragment":
      return texts.fragment(fault.pieces);
    case "ignore-close":
      return link.ignoreClose();
    default:
      return fault satisfies never;
  }
}

/** Ends what lasts on a connection, but for half-open sockets. */
export function healConnection({ texts, link }: FaultyConnection): void {
  texts.clear();
  link.throttle(undefined);
  link.resume();
  link.readAgain();
}

/** A JSON text of so many bytes, as far as JSON allows. */
function oversized(bytes: number): Buffer {
  const shell = '{"oversized":""}';
  return Buffer.from(`{"oversized":"${"x".repeat(Math.max(0, bytes - shell.length))}"}`);
}
