import type { ReceivedFrame } from "@oath-ws/contract";
import { decodeUtf8 } from "./utf8.js";

/** What the frames of one read have in common; shared, because a time of its own would cost each frame a second object. */
export interface Arrival {
  readonly epoch: number;
  readonly at: number;
}

const UNSTAMPED: Arrival = Object.freeze({ epoch: 0, at: 0 });

/**
 * A data frame as a leaf makes it, with room for the stamps of the stack: the object that the socket's turn allocates is the one that the consumer
 * gets, so a frame costs one object. Leaves whose frames are plain objects are served as well; theirs are wrapped.
 *
 * On a bare connector the stamps are 0.
 */
export abstract class InboundFrame implements ReceivedFrame {
  readonly kind: "text" | "binary";
  seq = 0;
  #arrival = UNSTAMPED;

  constructor(kind: "text" | "binary") {
    this.kind = kind;
  }

  get epoch(): number {
    return this.#arrival.epoch;
  }

  get receivedAt(): number {
    return this.#arrival.at;
  }

  /** What the stack knows of the frame. */
  stamp(seq: number, arrival: Arrival): void {
    this.seq = seq;
    this.#arrival = arrival;
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
