import { type MessageKind, messageFrame } from "./frame-encoder.js";

/** A text, encoded once and shared by everyone who gets it. Never changed after it is made. */
export interface EncodedText {
  /** The message alone. */
  readonly payload: Buffer;
  /** The message as one frame. */
  readonly frame: Buffer;
  /** Texts go out as text messages, unless a venue does otherwise. */
  readonly kind: MessageKind;
}

/** Encodes a text. */
export function encodeText(text: string): EncodedText {
  return encodeBytes(Buffer.from(text));
}

/** Encodes bytes as a message, by default a text message, whether they are UTF-8 or not. */
export function encodeBytes(payload: Buffer, kind: MessageKind = "text"): EncodedText {
  return { payload, frame: messageFrame(payload, kind), kind };
}
