import type { ReceivedFrame } from "@oath-ws/contract";
import { decodeUtf8 } from "./utf8.js";

/**
 * A data frame as a leaf makes it, with room for the stamps of the stack: the object that the socket's turn allocates is the one that the consumer
 * gets, so a frame costs one object. Leaves whose frames are plain objects are served as well; theirs are wrapped.
 *
 * On a bare connector the stamps are 0.
 */
export abstract class InboundFrame implements ReceivedFrame {
  readonly kind: "text" | "binary";
  epoch = 0;
  seq = 0;
  receivedAt = 0;

  constructor(kind: "text" | "binary") {
    this.kind = kind;
  }

  abstract get data(): Uint8Array;

  /** That of `data`, without making it. */
  abstract readonly byteLength: number;

  abstract text(): string;
}

/** A frame whose payload is there as an array of bytes. */
export class BytesFrame extends InboundFrame {
  readonly data: Uint8Array;
  /** Kept, because to ask an array for it takes longer than all that the receive buffer does with it. */
  readonly byteLength: number;

  constructor(kind: "text" | "binary", data: Uint8Array) {
    super(kind);
    this.data = data;
    this.byteLength = data.byteLength;
  }

  text(): string {
    return decodeUtf8(this.data);
  }
}
