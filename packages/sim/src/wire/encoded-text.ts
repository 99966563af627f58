import { textFrame } from "./frame-encoder.js";

/** A text message, encoded once and shared by everyone who gets it. Never changed after it is made. */
export interface EncodedText {
  /** The message alone. */
  readonly payload: Buffer;
  /** The message as one frame. */
  readonly frame: Buffer;
}

/** Encodes a text. */
export function encodeText(text: string): EncodedText {
  return encodeBytes(Buffer.from(text));
}

/** Encodes bytes as a text message, whether they are UTF-8 or not. */
export function encodeBytes(payload: Buffer): EncodedText {
  return { payload, frame: textFrame(payload) };
}
