import { isWsError } from "@oath-ws/contract";
import type { Frame, WsError } from "@oath-ws/contract";
import { refusalError } from "./mock-errors.js";
import type { RefusalInit } from "./mock-errors.js";
import type { MockPeer } from "./mock-peer.js";

/** The dial succeeds. */
export interface AcceptStep {
  readonly kind: "accept";
  /** How long it takes, in milliseconds. Default: no time, but not synchronously. */
  readonly afterMs?: number | undefined;
  /**
   * The subprotocol that the server chooses. Default: the first offered one. One that was not
   * offered fails the handshake.
   */
  readonly protocol?: string | undefined;
  /** The headers of the upgrade's response, names in lower case. Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Frames that come in the same packet as the upgrade response, in the turn of `opened`. */
  readonly frames?: readonly Frame[] | undefined;
  /**
   * Called when the connection is made, after `opened` was told and {@link frames} were sent, and
   * before `connect` resolves: the server's script.
   */
  readonly onAccept?: ((peer: MockPeer) => void) | undefined;
}

/** The dial fails. */
export interface RefuseStep {
  readonly kind: "refuse";
  readonly error: WsError;
  /** How long it takes, in milliseconds. Default: no time, but not synchronously. */
  readonly afterMs?: number | undefined;
}

/** The dial gets no answer: it is pending until its signal aborts. */
export interface HangStep {
  readonly kind: "hang";
}

/** What becomes of one dial of a `MockConnector`. Make them with the functions below. */
export type DialStep = AcceptStep | RefuseStep | HangStep;

/** The server accepts. */
export function accept(options: Omit<AcceptStep, "kind"> = {}): AcceptStep {
  return { ...options, kind: "accept" };
}

/** The server accepts, and sends `frames` together with its response. */
export function acceptWith(
  frames: readonly Frame[],
  options: Omit<AcceptStep, "kind" | "frames"> = {},
): AcceptStep {
  return accept({ ...options, frames });
}

/** The server accepts and closes at once. Without a code the close frame carries none. */
export function acceptThenClose(
  code?: number,
  reason?: string,
  options: Pick<AcceptStep, "afterMs"> = {},
): AcceptStep {
  return accept({ ...options, onAccept: (peer) => peer.close(code, reason) });
}

/**
 * The dial fails with a given error, or with the one that a leaf makes of an HTTP status
 * (`{ status: 429, retryAfterMs: 60_000 }`) or of a system code (`{ code: "ENOTFOUND" }`).
 */
export function refuse(
  error: WsError | RefusalInit,
  options: Pick<RefuseStep, "afterMs"> = {},
): RefuseStep {
  return { ...options, kind: "refuse", error: isWsError(error) ? error : refusalError(error) };
}

/** The server does not answer. */
export function hang(): HangStep {
  return { kind: "hang" };
}
