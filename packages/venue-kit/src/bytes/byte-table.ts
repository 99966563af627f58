/** What stands for some bytes in a {@link ByteTable}. */
export interface ByteEntry {
  readonly bytes: Uint8Array;
}

/**
 * Finds an entry by bytes of a message, without making a string of them. What a venue sends never
 * adds to it: it holds what was put in with {@link set}.
 */
export class ByteTable<E extends ByteEntry> {
  readonly #byHash = new Map<number, E[]>();
  /** What was found last: the next message is often of the same. */
  #last: E | undefined;

  /** Puts an entry in, in place of one with the same bytes. */
  set(entry: E): void {
    const { bytes } = entry;
    const hash = hashOf(bytes, 0, bytes.length);
    const others = this.#byHash
      .get(hash)
      ?.filter((twin) => !holds(twin.bytes, bytes, 0, bytes.length));
    this.#byHash.set(hash, [...(others ?? []), entry]);
    this.#last = undefined;
  }

  /** The entry for the bytes that stand there; `undefined` for bytes that were never put in. */
  find(bytes: Uint8Array, at: number, length: number): E | undefined {
    const last = this.#last;
    if (last !== undefined && holds(last.bytes, bytes, at, length)) return last;
    const twins = this.#byHash.get(hashOf(bytes, at, length));
    const found = twins?.find((twin) => holds(twin.bytes, bytes, at, length));
    if (found !== undefined) this.#last = found;
    return found;
  }
}

/** FNV-1a, in 32 bits. */
function hashOf(bytes: Uint8Array, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let index = at; index < at + length; index++)
    hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash;
}

/** Whether the same bytes stand there. */
function holds(one: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (one.length !== length) return false;
  for (let index = 0; index < length; index++) if (one[index] !== bytes[at + index]) return false;
  return true;
}
