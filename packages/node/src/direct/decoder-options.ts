import type { Buffer } from "node:buffer";
import type { InboundFrame } from "@oath-ws/resilience/leaf";

/**
 * Gets what was decoded, in order, within {@link FrameDecoder.push}. Payloads are the receiver's to
 * keep.
 */
export interface FrameReceiver {
  receivedMessage(frame: InboundFrame): void;
  receivedPing(data: Buffer): void;
  receivedPong(data: Buffer): void;
  /** The last one. `code` is 1005 when the frame carried none (RFC 6455 section 7.1.5). */
  receivedClose(code: number, reason: Buffer): void;
}

/** Settings of a {@link FrameDecoder}. */
export interface FrameDecoderOptions {
  readonly receiver: FrameReceiver;
  /** The largest message, in bytes, after decompression. */
  readonly maxMessageBytes: number;
  /** Whether text and close reasons must be UTF-8. */
  readonly validateUtf8: boolean;
  /**
   * Decompresses a whole message (RFC 7692), or throws a `ProtocolViolation`; `undefined` unless
   * permessage-deflate was agreed on, and a compressed frame is a violation then.
   */
  readonly inflate: ((data: Buffer) => Buffer) | undefined;
  /**
   * Asked before each frame, if present. `false`: the rest of the read waits in the decoder until
   * {@link FrameDecoder.resume}.
   */
  readonly mayGoOn?: (() => boolean) | undefined;
}
