import type { ConnectionIdentity, ErrorKind, Phase, ReceivedFrame } from "@oath-ws/contract";

/** The version of the line format, which the first line of a file states. */
export const FORMAT = 1;
/** Digits of the time that begins each line. */
export const STAMP_DIGITS = 19;
/** How a line that is no verbatim frame begins, behind the time and one space. */
export const CONTROL_PREFIX = '{"oath"';

/** Why a connection ended, without what only a running process can use. */
export interface RecordedError {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly close?: { readonly code: number; readonly reason: string };
}

/** Where the next frame stands, and what is missing directly before it. */
export interface Position {
  readonly epoch: number;
  /** The `seq` of the next frame; each further frame of the file has one more. */
  readonly seq: number;
  /** Frames that the receive buffer dropped before the recorder could take them. */
  readonly lagged: number;
  /** Frames that the recorder took and could not write, because the disk was slow. */
  readonly unwritten: number;
}

/** A line `{"oath":{...}}`: everything that is no verbatim frame. */
export type Control =
  /** The first line of each file, and the first of each process that appends to one. */
  | {
      readonly kind: "start";
      readonly format: number;
      readonly connection: ConnectionIdentity;
      /** Scheme, host and port. */
      readonly endpoint: string;
      /** What the owner of the recording wrote down, such as the venue and its streams. */
      readonly about: Readonly<Record<string, string>>;
    }
  /** Before the first frame of each epoch and of each file. */
  | ({ readonly kind: "epoch" } & Position)
  /** After frames that are missing within an epoch. */
  | ({ readonly kind: "hole" } & Position)
  /** The connection's phase or epoch changed. */
  | {
      readonly kind: "lifecycle";
      readonly epoch: number;
      readonly phase: Phase;
      readonly cause?: RecordedError;
    }
  /** A frame was given to the connection to send. `text` only as `redact` returned it. */
  | {
      readonly kind: "sent";
      readonly epoch: number;
      readonly opcode: "text" | "binary" | "control";
      readonly bytes: number;
      readonly text?: string;
    }
  /** A `sent` frame failed, with this code. */
  | { readonly kind: "unsent"; readonly epoch: number; readonly code: string }
  /** The wall clock moved against the monotonic one: it was set, or the machine slept. */
  | { readonly kind: "clock"; readonly stepMs: number }
  /** An adapter found events missing. Ids are the venue's; both ends are missing. */
  | {
      readonly kind: "gap";
      readonly topic: string;
      readonly reason: string;
      readonly fromSeq?: number;
      readonly toSeq?: number;
    }
  /** A received frame that cannot stand on a line as it is: exactly one of the two fields. */
  | {
      readonly kind: "frame";
      readonly opcode: "text" | "binary";
      readonly text?: string;
      readonly base64?: string;
    }
  /** The recorder was closed; nothing is missing behind the last frame. */
  | { readonly kind: "end"; readonly frames: number; readonly unwritten: number };

// A byte order mark is kept: it is part of what arrived.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The last millisecond that has {@link STAMP_DIGITS} digits in nanoseconds: in the year 2286. */
const MAX_TIME_MS = 9_999_999_999_999;

/** A time that can be written: 0 for one before 1970 and for what is no number. */
export function writableTime(unixMs: number): number {
  return unixMs > 0 ? Math.min(unixMs, MAX_TIME_MS) : 0;
}

/** Wall-clock milliseconds as nanoseconds in 19 digits. */
export function stampOf(unixMs: number): string {
  const time = writableTime(unixMs);
  const ms = Math.floor(time);
  const ns = Math.floor((time - ms) * 1e6);
  return `${String(ms).padStart(13, "0")}${String(ns).padStart(6, "0")}`;
}

/** A control line, without the line end. */
export function controlLine(stamp: string, control: object): string {
  return `${stamp} {"oath":${JSON.stringify(control)}}`;
}

/** The text of a frame; `undefined` for bytes that are no UTF-8. */
export function textOf(data: Uint8Array): string | undefined {
  try {
    return utf8.decode(data);
  } catch {
    return undefined;
  }
}

type Received = Pick<ReceivedFrame, "kind" | "data">;

/**
 * The text of a frame that may stand on a line as it is: text that parses as a JSON object or
 * array, on one line, and cannot be taken for a control object. `undefined` for every other frame.
 */
export function frameText({ kind, data }: Received): string | undefined {
  const text = kind === "text" ? textOf(data) : undefined;
  return text !== undefined && isVerbatim(text) ? text : undefined;
}

/** The control object of every other frame. */
export function frameControl({ kind, data }: Received): Control {
  const text = kind === "text" ? textOf(data) : undefined;
  const payload = text === undefined ? { base64: Buffer.from(data).toString("base64") } : { text };
  return { kind: "frame", opcode: kind, ...payload };
}

function isVerbatim(text: string): boolean {
  if (text.startsWith(CONTROL_PREFIX) || text.includes("\n") || text.includes("\r")) return false;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}
