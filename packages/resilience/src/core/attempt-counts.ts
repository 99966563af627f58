import type { EndpointAttempts } from "@oath-ws/contract";

/** Endpoints that are told apart: an `EndpointSource` may name ever new ones. */
const MAX_ENDPOINTS = 64;
const OTHER = "other";

/** Counts attempts by origin. */
export class AttemptCounts {
  readonly #counts = new Map<string, number>();

  add(origin: string): void {
    const isKnown = this.#counts.has(origin) || this.#counts.size < MAX_ENDPOINTS;
    const key = isKnown ? origin : OTHER;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** In the order of the first of each. */
  list(): readonly EndpointAttempts[] {
    return Array.from(this.#counts, ([endpoint, count]) => ({ endpoint, count }));
  }
}
