import type { EndpointAttempts } from "@oath-ws/contract";

/** Endpoints that are told apart: an `EndpointSource` may name ever new ones. */
const MAX_ENDPOINTS = 64;
const OTHER = "other";

/** Counts attempts by origin. Most connections have one, for which a map is too dear. */
export class AttemptCounts {
  readonly #counts: { readonly endpoint: string; count: number }[] = [];

  add(origin: string): void {
    const known = this.#of(origin);
    const endpoint = known === undefined && this.#counts.length >= MAX_ENDPOINTS ? OTHER : origin;
    const entry = known ?? this.#of(endpoint);
    if (entry === undefined) this.#counts.push({ endpoint, count: 1 });
    else entry.count++;
  }

  /** In the order of the first of each. */
  list(): readonly EndpointAttempts[] {
    return this.#counts.map(({ endpoint, count }) => ({ endpoint, count }));
  }

  #of(origin: string): { count: number } | undefined {
    return this.#counts.find(({ endpoint }) => endpoint === origin);
  }
}
