/** How often a name was given, and which numbers of it are free again. */
interface Base {
  readonly free: number[];
  last: number;
  live: number;
}

/**
 * Names of live connections, no two alike: the name asked for, then the same with `#2`, `#3` and so
 * on. A number is given again once its connection has ended.
 */
export class ConnectionNames {
  readonly #bases = new Map<string, Base>();
  readonly #taken = new Set<string>();

  /** Takes a name. Give what it returns back with {@link release}, once. */
  take(wanted: string): string {
    const base = this.#bases.get(wanted) ?? { free: [], last: 0, live: 0 };
    this.#bases.set(wanted, base);
    let number = base.free.pop() ?? ++base.last;
    // A caller may have asked for "feed#2" itself.
    while (this.#taken.has(named(wanted, number))) number = ++base.last;
    const name = named(wanted, number);
    base.live++;
    this.#taken.add(name);
    return name;
  }

  /**
   * Gives back what {@link take} returned.
   *
   * @param wanted what {@link take} was given
   */
  release(name: string, wanted: string): void {
    this.#taken.delete(name);
    const base = this.#bases.get(wanted);
    if (base === undefined) return;
    base.free.push(name === wanted ? 1 : Number(name.slice(wanted.length + 1)));
    if (--base.live === 0) this.#bases.delete(wanted);
  }
}

function named(wanted: string, number: number): string {
  return number === 1 ? wanted : `${wanted}#${number}`;
}

/** Says why a name cannot be used; `undefined` when it can. */
export function nameFault(name: unknown): string | undefined {
  if (name === undefined) return undefined;
  if (typeof name !== "string")
    return `must be a string, got ${name === null ? "null" : typeof name}`;
  if (name.length === 0 || name.length > 128) return "must have 1 to 128 characters";
  return /\p{Cc}/u.test(name) ? "must not have control characters" : undefined;
}
