// Taken from the global object by shape; every runtime has them. The decoder keeps a byte order
// mark, because a frame's text is its bytes.
const { TextDecoder: Decoder, TextEncoder: Encoder } = globalThis as unknown as {
  TextDecoder: new (
    label: string,
    options: { ignoreBOM: boolean },
  ) => { decode(data: Uint8Array): string };
  TextEncoder: new () => { encode(text: string): Uint8Array };
};
const decoder = new Decoder("utf-8", { ignoreBOM: true });
const encoder = new Encoder();

/** Decodes leniently: bad bytes become U+FFFD, and nothing throws. */
export function decodeUtf8(data: Uint8Array): string {
  return decoder.decode(data);
}

/** The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** How many bytes of UTF-8 a text is; a lone surrogate counts as U+FFFD, 3. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // Each half of a pair counts 2 of its 4 bytes.
    length += unit < 0x80 ? 1 : unit < 0x800 || isPaired(text, index, unit) ? 2 : 3;
  }
  return length;
}

/** Whether the unit is one half of a surrogate pair. */
function isPaired(text: string, index: number, unit: number): boolean {
  if (unit < 0xd800 || unit > 0xdfff) return false;
  if (unit < 0xdc00) return isBetween(text.charCodeAt(index + 1), 0xdc00, 0xdfff);
  return isBetween(text.charCodeAt(index - 1), 0xd800, 0xdbff);
}

function isBetween(unit: number, from: number, to: number): boolean {
  return unit >= from && unit <= to;
}
