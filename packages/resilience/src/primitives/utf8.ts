// Taken from the global object by shape; every runtime has it. It keeps a byte order mark, because
// a frame's text is its bytes.
const { TextDecoder: Decoder } = globalThis as unknown as {
  TextDecoder: new (
    label: string,
    options: { ignoreBOM: boolean },
  ) => { decode(data: Uint8Array): string };
};
const decoder = new Decoder("utf-8", { ignoreBOM: true });

/** Decodes leniently: bad bytes become U+FFFD, and nothing throws. */
export function decodeUtf8(data: Uint8Array): string {
  return decoder.decode(data);
}
