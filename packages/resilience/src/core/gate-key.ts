import { urlHost } from "@oath-ws/contract";

/** Which attempts share a budget: by a function of the caller's, or by the URL's host and port. */
export class GateKey {
  readonly #keyOf: (url: string) => string;

  constructor(keyOf: ((url: string) => string) | undefined) {
    this.#keyOf = keyOf ?? urlHost;
  }

  /** The key of a URL. If the function fails, host and port stand in for it. */
  of(url: string): string {
    const asked = this.#ask(url);
    return "fault" in asked ? urlHost(url) : asked.key;
  }

  /** See `Gate.keyFault`. Shows neither the URL nor what was thrown. */
  fault(url: string): string | undefined {
    const asked = this.#ask(url);
    return "fault" in asked ? `must give a string for a URL, ${asked.fault}` : undefined;
  }

  #ask(url: string): { readonly key: string } | { readonly fault: string } {
    try {
      const key: unknown = this.#keyOf(url);
      return typeof key === "string"
        ? { key }
        : { fault: `gave ${key === null ? "null" : typeof key}` };
    } catch (error) {
      return { fault: `threw ${error instanceof Error ? error.name : typeof error}` };
    }
  }
}
