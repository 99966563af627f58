// Taken from the global object by shape; every platform with a WebSocket has it.
const { TextDecoder: Decoder } = globalThis as unknown as {
  TextDecoder: new (
    label: string,
    options: { fatal: boolean; ignoreBOM: boolean },
  ) => { decode(data: Uint8Array): string };
};
// It keeps a byte order mark: what is sent is what was given.
const strictDecoder = new Decoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes, or `undefined` when they are not UTF-8. */
export function decodeStrictly(data: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(data);
  } catch {
    return undefined;
  }
}
