import type { FailureCount, WsError } from "@oath-ws/contract";

/** Causes that are told apart: codes may come from foreign code, which must not fill memory. */
const MAX_CAUSES = 64;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Counts failures by kind and code. */
export class FailureCounts {
  readonly #counts = new Map<string, Writable<FailureCount>>();
  /** What was given out last, until the next failure. */
  #list: readonly FailureCount[] | undefined;

  add({ kind, code }: WsError): void {
    this.#list = undefined;
    const counts = this.#counts;
    const isKnown = counts.has(`${kind} ${code}`) || counts.size < MAX_CAUSES;
    const counted = isKnown ? code : "OTHER";
    const key = `${kind} ${counted}`;
    const entry = counts.get(key);
    if (entry === undefined) counts.set(key, { kind, code: counted, count: 1 });
    else entry.count++;
  }

  /** In the order of the first of each. The same array until the next failure. */
  list(): readonly FailureCount[] {
    this.#list ??= Object.freeze(
      Array.from(this.#counts.values(), (entry) => Object.freeze({ ...entry })),
    );
    return this.#list;
  }
}
