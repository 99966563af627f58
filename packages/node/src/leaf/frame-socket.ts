import type { Buffer } from "node:buffer";
import type { InboundFrame } from "@oath-ws/resilience/leaf";
import type { ReceivedClose } from "./protocol-violation.js";

/** Is told what happens to a {@link FrameSocket}, in the socket's own turn. */
export interface FrameSocketEvents {
  /**
   * The socket was read, and what came is about to be parsed. Also told when reading goes on after
   * a pause of ours: the peer was not silent meanwhile, we did not listen.
   */
  onRead(): void;
  onMessage(frame: InboundFrame): void;
  onPing(data: Buffer): void;
  onPong(data: Buffer): void;
  /** The peer's close frame. It was answered. */
  onPeerClose(code: number, reason: Buffer): void;
  /**
   * A violation by the peer, which is being answered with the fitting close code.
   *
   * @param received a close frame that broke a rule, if its code could be read
   */
  onViolation(error: Error, received: ReceivedClose | undefined): void;
  /**
   * Messages that were read, and will not be handed over: the connection ended before their turn to
   * be decompressed came. `bytes` is their compressed size.
   */
  onDropped(frames: number, bytes: number): void;
  /** Why the stream is about to die. */
  onStreamError(error: Error): void;
  /** The peer ended the stream. */
  onStreamEnd(): void;
  /** The stream is gone; the last one. `code` is 1006 unless the peer sent a close frame. */
  onGone(code: number, reason: Buffer): void;
}

/**
 * What a leaf needs of the thing that speaks RFC 6455 over a stream: npm `ws`'s client, or our own
 * in its place.
 */
export interface FrameSocket {
  /** The subprotocol that the server chose; empty for none. */
  readonly protocol: string;
  /** Bytes that were sent and that the kernel has not taken. */
  readonly bufferedBytes: number;
  /** Whether nothing is read, because what was read waits to be decompressed. */
  readonly isPaused: boolean;
  /** Once, in the turn in which the socket was opened. */
  listen(events: FrameSocketEvents): void;
  /**
   * `done` is called when the frame was handed to the operating system, or with the reason why not.
   */
  send(
    data: string | Uint8Array,
    options: { readonly binary: boolean },
    done: (error?: Error | null) => void,
  ): void;
  ping(data: Uint8Array, done: (error?: Error | null) => void): void;
  pong(data: Uint8Array, done: (error?: Error | null) => void): void;
  /** Sends a close frame, once; without a code for 1005. */
  close(code: number, reason: string): void;
  /** Drops the stream. */
  terminate(): void;
}
