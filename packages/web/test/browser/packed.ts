/** Values with bytes in them as text, for what takes text only between a page and the test. */
export function pack(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    each instanceof Uint8Array ? { bytes: Array.from(each) } : each,
  );
}

/** The value again. */
export function unpack(text: string): unknown {
  return JSON.parse(text, (_key, each: unknown) => {
    const bytes = (each as { readonly bytes?: unknown } | null)?.bytes;
    return Array.isArray(bytes) ? Uint8Array.from(bytes as number[]) : each;
  });
}
