import type {
  ConnectionIdentity,
  SendOptions,
  StackErrorCode,
  WsErrorInit,
} from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { attribute } from "../core/attribute.js";
import { numberFault } from "../number-fault.js";
import { asWsError } from "../primitives/as-ws-error.js";
import { frameInvalid, frameTooBig, sinkClosed } from "../primitives/leaf-errors.js";

/**
 * Codes that are kept, because they say of the frame what is known of it. Of the kinds `client` and
 * `throttled` all are: refusals.
 */
const ABOUT_THE_FRAME: ReadonlySet<string> = new Set<StackErrorCode>([
  "NOT_CONNECTED",
  "EPOCH_ENDED",
  "SEND_FATE_UNKNOWN",
  "SEND_FAILED",
]);

/** What the sends of one connection are rejected with. */
export class SendFailures {
  readonly #connection: ConnectionIdentity;

  constructor(connection: ConnectionIdentity) {
    this.#connection = connection;
  }

  /** The epoch is over, and the frame certainly did not leave. */
  epochEnded(epoch: number, why: string): WsError {
    const message = `epoch ${epoch}: the frame did not leave: ${why}`;
    return this.#make({ kind: "connection", code: "EPOCH_ENDED", message, epoch });
  }

  /** A send that is pinned to another epoch than the current one; `undefined`: none is open. */
  notInEpoch(pinned: number, current: number | undefined): WsError {
    const now =
      current === undefined ? "there is no connection" : `the current epoch is ${current}`;
    return this.epochEnded(pinned, `the send is pinned to that epoch, but ${now}`);
  }

  /**
   * The leaf had the frame, and the wait for its fate was ended.
   *
   * @param cause what ended it: the error of the connection, the deadline, or the signal's reason
   */
  fateUnknown(epoch: number, why: string, cause?: unknown): WsError {
    const message = `epoch ${epoch}: whether the frame left is not known: ${why}`;
    return this.#make({ kind: "connection", code: "SEND_FATE_UNKNOWN", message, epoch, cause });
  }

  /**
   * What a caller is told of a frame that the leaf failed. Whether it may be sent again must show
   * in the code, whatever leaf is below: one that names what befell the connection (`ECONNRESET`,
   * `PEER_CLOSED`) says nothing of the frame.
   */
  ofLeaf(error: unknown, epoch: number): WsError {
    const fallback = { code: "SEND_FAILED", message: "the connection refused the frame" } as const;
    const failure = asWsError(error, fallback);
    const refused = failure.kind === "client" || failure.kind === "throttled";
    return refused || ABOUT_THE_FRAME.has(failure.code)
      ? attribute(failure, this.#connection, epoch)
      : this.fateUnknown(epoch, failure.message, failure);
  }

  /** There is no connection, and the send does not want to wait for one. */
  nothingOpen(): WsError {
    const message = "there is no connection to send on";
    return this.#make({ kind: "connection", code: "NOT_CONNECTED", message });
  }

  /** Too much is unsettled: `sends`, with `bytes` of payload. */
  queueFull(sends: number, bytes: number): WsError {
    const limits = "send.maxPending, send.maxPendingBytes";
    const message = `${sends} sends (${bytes} bytes) are unsettled (${limits})`;
    return this.#make({ kind: "throttled", code: "SEND_QUEUE_FULL", message });
  }

  /** The deadline of a send passed. */
  tooLate(): WsError {
    const message = "the frame could not leave in time (deadlineMs)";
    return this.#make({ kind: "timeout", code: "SEND_DEADLINE", message });
  }

  /** The frame, the options or the close code cannot be used. */
  invalid(why: string): WsError {
    return attribute(frameInvalid(why), this.#connection);
  }

  /** The frame is larger than everything that may wait. */
  tooBig(bytes: number, maxBytes: number): WsError {
    const limit = `send.maxPendingBytes is ${maxBytes}`;
    const why = `a frame of ${bytes} bytes can never be sent: ${limit}`;
    return attribute(frameTooBig(why), this.#connection);
  }

  /** The owner of the sink closed it. */
  sinkClosed(): WsError {
    return attribute(sinkClosed(), this.#connection);
  }

  #make(init: WsErrorInit): WsError {
    return new WsError({ ...init, connection: this.#connection });
  }
}

/** Names what is wrong with the options of a send, or gives `undefined`. */
export function optionsFault(options: SendOptions | undefined): string | undefined {
  const deadline = options?.deadlineMs;
  const fault = deadline === undefined ? undefined : numberFault({ above: 0 }, deadline);
  return fault && `deadlineMs ${fault}`;
}
