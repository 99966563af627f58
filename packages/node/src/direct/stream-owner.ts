import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { ownerOf, setOwner } from "../leaf/owned-emitter.js";
import type { ReadReceiver } from "./socket-reads.js";

/** Told what happens to the stream that it owns. */
export interface StreamOwner extends ReadReceiver {
  /** @param lent see `FrameDecoder.push`; absent: the bytes belong to the owner */
  read(bytes: Buffer, lent?: number): void;
  failed(error: Error): void;
  /** The peer has ended its side. */
  ended(): void;
  /** The stream is closed. Nothing more is told. */
  gone(): void;
}

/**
 * Makes `owner` the one who is told of the stream, in place of an earlier owner. The listeners stay
 * the same: first the upgrade owns the stream, and then the connection.
 */
export function own(stream: Duplex, owner: StreamOwner): void {
  const isOwned = ownerOf(stream) !== undefined;
  setOwner(stream, owner);
  if (isOwned) return;
  stream.on("error", onError);
  stream.on("end", onEnd);
  stream.on("close", onClose);
  stream.on("data", onData);
}

function onData(this: Duplex, chunk: Buffer): void {
  ownerOf<StreamOwner>(this)?.read(chunk);
}

/** Stays, also when the stream is gone: an "error" without a listener is thrown. */
function onError(this: Duplex, error: Error): void {
  ownerOf<StreamOwner>(this)?.failed(error);
}

function onEnd(this: Duplex): void {
  ownerOf<StreamOwner>(this)?.ended();
}

function onClose(this: Duplex): void {
  this.off("data", onData);
  ownerOf<StreamOwner>(this)?.gone();
}
