/** A body as the bytes of an item. */
export function writeJson(body: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(body));
}

/** The body of an item. The owner wrote it: only its form as JSON is checked. */
export function readJson<T>({ buffer, byteOffset, byteLength }: Uint8Array): T {
  return JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString("utf8")) as T;
}

/** A value of the store, which others may have written; `undefined` for what is no JSON. */
export function jsonOrNothing(value: Uint8Array): unknown {
  try {
    return readJson(value);
  } catch {
    return undefined;
  }
}
