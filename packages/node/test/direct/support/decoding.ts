import { Buffer } from "node:buffer";
import { fromNodeError } from "../../../src/from-node-error.js";
import { FrameDecoder } from "../../../src/direct/frame-decoder.js";
import type { FrameDecoderOptions, FrameReceiver } from "../../../src/direct/frame-decoder.js";
import type { PageFrame } from "../../../src/direct/page-frame.js";

/** What was decoded, in a form that is easy to compare: `["text", "..."]`, the last one perhaps `["refused", code, closeCode]`. */
export type Decoded = readonly [kind: string, ...rest: (string | number)[]];

/** Notes what it gets. */
export class Notes implements FrameReceiver {
  readonly got: Decoded[] = [];
  readonly payloads: Buffer[] = [];

  receivedMessage({ kind, data }: PageFrame): void {
    this.#note(kind, data);
  }

  receivedPing(data: Buffer): void {
    this.#note("ping", data);
  }

  receivedPong(data: Buffer): void {
    this.#note("pong", data);
  }

  receivedClose(code: number, reason: Buffer): void {
    this.got.push(["close", code, reason.toString("latin1")]);
  }

  #note(kind: string, data: Buffer): void {
    this.payloads.push(data);
    this.got.push([kind, data.toString("latin1")]);
  }
}

export type Settings = Partial<Omit<FrameDecoderOptions, "receiver">>;

/** A decoder that notes, and takes messages of up to 1 MiB unless told otherwise. */
export function decoder(settings: Settings = {}): { decoder: FrameDecoder; notes: Notes } {
  const notes = new Notes();
  const options = { maxMessageBytes: 1024 * 1024, validateUtf8: true, inflate: undefined, ...settings };
  return { decoder: new FrameDecoder({ receiver: notes, ...options }), notes };
}

/** Decodes the pieces, each in memory of its own, as socket reads are. */
export function decode(pieces: readonly Uint8Array[], settings?: Settings): Decoded[] {
  const { decoder: decoding, notes } = decoder(settings);
  for (const piece of pieces) {
    const violation = decoding.push(Buffer.from(new Uint8Array(piece).buffer));
    if (violation !== undefined) notes.got.push(["refused", fromNodeError(violation).code, violation.closeCode]);
  }
  return notes.got;
}

/** Cuts the bytes at the given places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((to, i) => bytes.subarray(edges[i], to));
}

/** Cuts the bytes into pieces of one byte. */
export function bytewise(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1));
}
