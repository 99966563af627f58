import type { Random, Timer } from "@oath-ws/contract";

/** When market data lines are asked for again. */
export interface LineOptions {
  /**
   * After so long at most, in milliseconds. Default 480 000: the venue lets a line die after 10
   * minutes, and says nothing (I-20).
   */
  readonly renewAfterMs?: number | undefined;
  /**
   * The venue's own time, in milliseconds: a renewal that comes later than this cannot tell what
   * was missed. Default 600 000.
   */
  readonly expireAfterMs?: number | undefined;
}

/** What {@link MarketLines} need. */
export interface LinesParts {
  readonly timer: Timer;
  readonly random: Random;
  readonly options: { readonly [K in keyof LineOptions]-?: number };
  readonly say: (text: string) => void;
  /** A line may be dead already. */
  readonly expired: () => void;
}

export const LINES: LinesParts["options"] = { renewAfterMs: 480_000, expireAfterMs: 600_000 };

interface Line {
  readonly fields: Set<string>;
  /** When it was last asked for on this connection; `undefined` when it was not. */
  askedAt: number | undefined;
  cancel: () => void;
}

/**
 * The contracts whose market data is wanted, and what of each. An `smd` for a line that is there
 * adds fields and lengthens its life, without a break in its updates: so both are done by saying it
 * again.
 */
export class MarketLines {
  readonly #parts: LinesParts;
  readonly #lines = new Map<string, Line>();

  constructor(parts: LinesParts) {
    this.#parts = parts;
  }

  /** Lines that count against the venue's limit. */
  get size(): number {
    return this.#lines.size;
  }

  has(topic: string): boolean {
    return this.#lines.has(topic);
  }

  /** A topic is wanted with these fields, besides those that it has. */
  want(topic: string, fields: readonly string[]): void {
    const line: Line = this.#lines.get(topic) ?? {
      fields: new Set(),
      askedAt: undefined,
      cancel: () => undefined,
    };
    this.#lines.set(topic, line);
    const before = line.fields.size;
    for (const field of fields) line.fields.add(field);
    if (line.fields.size > before && line.askedAt !== undefined) this.again(topic);
  }

  /** Nobody wants the topic any more. */
  release(topic: string): void {
    this.#lines.get(topic)?.cancel();
    this.#lines.delete(topic);
  }

  /** The text that asks for a line; it counts as said now. */
  ask(topic: string): string {
    const line = this.#lines.get(topic);
    if (line !== undefined) this.#asked(topic, line);
    return `${topic}+${JSON.stringify({ fields: Array.from(line?.fields ?? []) })}`;
  }

  /** Asks for a line again, if it was asked for on this connection: it brings a snapshot. */
  again(topic: string): void {
    if (this.#lines.get(topic)?.askedAt !== undefined) this.#parts.say(this.ask(topic));
  }

  /** The venue has none of them any more: nothing is renewed until it is asked for. */
  suspend(): void {
    for (const line of this.#lines.values()) {
      line.cancel();
      line.askedAt = undefined;
    }
  }

  #asked(topic: string, line: Line): void {
    const { timer, random, options, expired } = this.#parts;
    const askedAt = timer.now();
    line.cancel();
    line.askedAt = askedAt;
    // Up to a tenth earlier, so that lines which were asked for together are not renewed together
    // for ever.
    line.cancel = timer.schedule(options.renewAfterMs * (1 - 0.1 * random.next()), () => {
      // We stood still for minutes: nobody can tell what was missed, and a new connection says so
      // in every topic.
      if (timer.now() - askedAt >= options.expireAfterMs) expired();
      else this.again(topic);
    });
  }
}
