import type { EndpointAttempts } from "@oath-ws/contract";

/** Endpoints that are told apart: an `EndpointSource` may name ever new ones. */
const MAX_ENDPOINTS = 64;
const OTHER = "other";

/** Counts attempts by origin. Most connections have one, which costs two fields. */
export class AttemptCounts {
  #endpoint: string | undefined = undefined;
  #count = 0;
  /** Of the others, made with the second one. */
  #others: { readonly endpoint: string; count: number }[] | undefined = undefined;

  add(origin: string): void {
    this.#endpoint ??= origin;
    if (origin === this.#endpoint) {
      this.#count++;
      return;
    }
    const others = (this.#others ??= []);
    const known = others.find(({ endpoint }) => endpoint === origin);
    // The first one counts, too.
    const endpoint = known === undefined && others.length + 1 >= MAX_ENDPOINTS ? OTHER : origin;
    const entry = known ?? others.find((one) => one.endpoint === endpoint);
    if (entry === undefined) others.push({ endpoint, count: 1 });
    else entry.count++;
  }

  /** In the order of the first of each. */
  list(): readonly EndpointAttempts[] {
    if (this.#endpoint === undefined) return [];
    const first = { endpoint: this.#endpoint, count: this.#count };
    return [first, ...(this.#others ?? []).map(({ endpoint, count }) => ({ endpoint, count }))];
  }
}
