import type { ErrorKind } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";

/** The codes of errors that only a relay has; `docs/topics/errors.md` lists them. */
export type RelayErrorCode =
  /** The engine cannot be reached. It is tried again. */
  | "RELAY_UNREACHABLE"
  /** The engine did not answer in time: whether it did what was asked is not known. */
  | "RELAY_TIMEOUT"
  /** The engine refuses these credentials, or an operation to them. */
  | "RELAY_AUTH"
  /** The NATS server runs without JetStream, or the account has none. */
  | "RELAY_NO_JETSTREAM"
  /** The stream of this shard exists with other settings. */
  | "RELAY_STREAM_DIFFERS"
  /** The shard's name is in use for another set of topics. */
  | "RELAY_NAME_TAKEN"
  /** There is no relay of this name. */
  | "RELAY_NOT_FOUND"
  /** A stored position is of other topics than the relay carries. */
  | "RELAY_POSITION_DIFFERS"
  /** The engine has no room: its disk or its limit is full. */
  | "RELAY_FULL"
  /** Something else was written first: the append or the write was not done. */
  | "RELAY_CONFLICT"
  /** No watermark came for two periods: the owner, or the way from it, is silent. */
  | "RELAY_SILENT"
  /** A message of the stream is not one of this format, or of a newer version of it. */
  | "RELAY_FORMAT"
  /** A relayed connection cannot send: only the owner of the venue's line can. */
  | "RELAY_READ_ONLY"
  /** The engine failed in a way that has no code of its own. */
  | "RELAY_FAILED";

const KINDS: Readonly<Record<RelayErrorCode, ErrorKind>> = {
  RELAY_UNREACHABLE: "connection",
  RELAY_TIMEOUT: "timeout",
  RELAY_AUTH: "auth",
  RELAY_NO_JETSTREAM: "server",
  RELAY_STREAM_DIFFERS: "client",
  RELAY_NAME_TAKEN: "client",
  RELAY_NOT_FOUND: "client",
  RELAY_POSITION_DIFFERS: "client",
  RELAY_FULL: "server",
  RELAY_CONFLICT: "server",
  RELAY_SILENT: "timeout",
  RELAY_FORMAT: "server",
  RELAY_READ_ONLY: "client",
  RELAY_FAILED: "server",
};

/** An error of the relay; its kind follows from the code. */
export function relayError(code: RelayErrorCode, message: string, cause?: unknown): WsError {
  return new WsError({ kind: KINDS[code], code, message, cause });
}

/** What an engine rejected with, as an error of ours. */
export function asRelayError(error: unknown): WsError {
  return isWsError(error)
    ? error
    : relayError("RELAY_FAILED", "The engine failed in an unforeseen way; see the cause.", error);
}
