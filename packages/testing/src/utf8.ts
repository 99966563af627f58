// Taken from the global object by shape: every runtime has it, and this package compiles without
// any runtime's types.
const { TextEncoder: Encoder } = globalThis as unknown as {
  TextEncoder: new () => { encode(text: string): Uint8Array };
};
const encoder = new Encoder();

/** The UTF-8 bytes of a string. */
export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}
