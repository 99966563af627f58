import { createHash } from "node:crypto";

/** Hexadecimal digits of a hash that are kept: 64 bits. */
const DIGITS = 16;

/**
 * What happened in a run, a line each: payloads, transitions, fates and virtual times. Texts of
 * errors, masks and keys are left out, since they may differ between releases of Node.
 */
export class Trace {
  readonly lines: string[] = [];
  readonly #now: () => number;

  /** @param now the virtual time, in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(text: string): void {
    this.lines.push(`${time(this.#now())} ${text}`);
  }

  hash(): string {
    return hashOf(this.lines);
  }
}

/** One hash over lines, or over the hashes of many runs. */
export function hashOf(lines: readonly string[]): string {
  return createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, DIGITS);
}

/** A time in milliseconds, rounded so that the last bits of a power do not show. */
export function time(ms: number): string {
  return ms.toFixed(2);
}
