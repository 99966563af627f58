import { Buffer } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import type { InboundFrame } from "@oath-ws/resilience/leaf";
import { fromNodeError } from "../../../src/errors/from-node-error.js";
import { FrameDecoder } from "../../../src/direct/frame-decoder.js";
import type { FrameDecoderOptions, FrameReceiver } from "../../../src/direct/decoder-options.js";
import { frame, OP } from "../../support/frames.js";
import type { ProtocolViolation } from "../../../src/leaf/protocol-violation.js";

/**
 * What was decoded, in a form that is easy to compare: `["text", "..."]`, the last one perhaps
 * `["refused", code, closeCode]`.
 */
export type Decoded = readonly [kind: string, ...rest: (string | number)[]];

/** Notes what it gets. */
export class Notes implements FrameReceiver {
  readonly got: Decoded[] = [];
  readonly payloads: Buffer[] = [];
  readonly #texts: string[] = [];

  receivedMessage({ kind, data }: InboundFrame): void {
    this.#note(kind, data as Buffer);
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

  /** Throws when a payload is no longer what it was when it came. */
  verify(): void {
    for (const [i, data] of this.payloads.entries()) {
      if (data.toString("latin1") !== this.#texts[i])
        throw new Error(`payload ${i} was changed after it was handed over`);
    }
  }

  #note(kind: string, data: Buffer): void {
    const text = data.toString("latin1");
    this.payloads.push(data);
    this.#texts.push(text);
    this.got.push([kind, text]);
  }
}

/**
 * Reads as a client does that wants texts: asks each text frame for its text at once, and for its
 * bytes at the end, but for a few.
 */
export class TextNotes extends Notes {
  readonly #late: { readonly at: number; readonly frame: InboundFrame; readonly text: string }[] =
    [];
  #count = 0;

  override receivedMessage(received: InboundFrame): void {
    if (received.kind === "binary") return super.receivedMessage(received);
    const text = received.text();
    if (++this.#count % 40 === 0) return super.receivedMessage(received);
    this.#late.push({ at: this.got.length, frame: received, text });
    this.got.push(["text", ""]);
  }

  forget(): void {
    this.got.length = 0;
    this.#late.length = 0;
  }

  /** Notes the bytes of the texts. Throws when they are not those of the text. */
  override verify(): void {
    for (const { at, frame, text } of this.#late) {
      if (frame.text() !== text) throw new Error(`text ${at} was changed after it was handed over`);
      const data = Buffer.from(frame.data);
      if (data.toString() !== text) throw new Error(`text ${at} is not that of its bytes`);
      this.got[at] = ["text", data.toString("latin1")];
    }
    super.verify();
  }
}

/** Makes a decoder take its receiver for one that wants texts. */
export function askForTexts(decoding: FrameDecoder, notes: TextNotes): void {
  const texts = Buffer.concat(Array.from({ length: 70 }, () => frame(OP.text)));
  decoding.push(texts);
  notes.forget();
}

export type Settings = Partial<Omit<FrameDecoderOptions, "receiver">>;

/** A decoder that notes, and takes messages of up to 1 MiB unless told otherwise. */
export function decoder<Noting extends Notes = Notes>(
  settings: Settings = {},
  notes = new Notes() as Noting,
): { decoder: FrameDecoder; notes: Noting } {
  const options = {
    maxMessageBytes: 1024 * 1024,
    validateUtf8: true,
    inflate: undefined,
    ...settings,
  };
  return { decoder: new FrameDecoder({ receiver: notes, ...options }), notes };
}

/**
 * Decodes the pieces, in memory of their own and in memory that is only lent, for a reader of bytes
 * and for one of texts: the same must come of it.
 */
export function decode(pieces: readonly Uint8Array[], settings?: Settings): Decoded[] {
  const got = decodeBy(pieces, settings, (decoding, piece) =>
    decoding.push(Buffer.from(new Uint8Array(piece).buffer)),
  );
  const ways: Record<string, Decoded[]> = {
    lent: decodeBy(pieces, settings, pushLent),
    straight: decodeBy(pieces, settings, pushStraight),
  };
  // A third of all inputs: to make a decoder believe that texts are wanted takes longest.
  if (pieces.reduce((sum, { length }) => sum + length, 0) % 3 === 0)
    ways["texts"] = decodeBy(pieces, settings, pushLent, new TextNotes());
  for (const [way, other] of Object.entries(ways)) {
    if (!isDeepStrictEqual(got, other))
      throw new Error(`owned: ${JSON.stringify(got)}, ${way}: ${JSON.stringify(other)}`);
  }
  return got;
}

function decodeBy(
  pieces: readonly Uint8Array[],
  settings: Settings | undefined,
  push: (decoding: FrameDecoder, piece: Uint8Array) => ProtocolViolation | undefined,
  how = new Notes(),
): Decoded[] {
  const { decoder: decoding, notes } = decoder(settings, how);
  if (notes instanceof TextNotes) askForTexts(decoding, notes);
  for (const piece of pieces) {
    const violation = push(decoding, piece);
    if (violation !== undefined)
      notes.got.push(["refused", fromNodeError(violation).code, violation.closeCode]);
  }
  notes.verify();
  return notes.got;
}

const lentMemory = Buffer.alloc(64 * 1024);

/**
 * Pushes a piece as a socket does whose reads share memory: what was there is overwritten
 * afterwards.
 */
export function pushLent(decoding: FrameDecoder, piece: Uint8Array): ProtocolViolation | undefined {
  let violation: ProtocolViolation | undefined;
  for (let at = 0; at < piece.length && violation === undefined; at += lentMemory.length) {
    const part = piece.subarray(at, at + lentMemory.length);
    lentMemory.set(part);
    violation = decoding.push(lentMemory, part.length);
    lentMemory.fill(0xdd, 0, part.length);
  }
  return violation;
}

/** Does the same for a socket that reads the rest of a large payload straight into its memory. */
export function pushStraight(
  decoding: FrameDecoder,
  piece: Uint8Array,
): ProtocolViolation | undefined {
  let violation: ProtocolViolation | undefined;
  let at = 0;
  while (at < piece.length && violation === undefined) {
    const { room } = decoding;
    const part = piece.subarray(at, at + (room ?? lentMemory).length);
    room?.set(part);
    violation = room === undefined ? pushLent(decoding, part) : decoding.filled(part.length);
    at += part.length;
  }
  return violation;
}

/** Cuts the bytes at the given places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return edges.slice(1).map((to, i) => bytes.subarray(edges[i], to));
}

/** Cuts the bytes into pieces of one byte. */
export function bytewise(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length }, (_, i) => bytes.subarray(i, i + 1));
}
