/**
 * The part of the platform's `fetch` that this package needs; `globalThis.fetch` fits as it is. It is handed in, so that requests can trust the
 * gateway's own certificate, go through a proxy, or be answered by a test.
 */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** What a request is made with. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  /** Aborted when the answer is no longer wanted: the caller gave up, or it took too long. */
  readonly signal: AbortSignal;
}

/** What is read of an answer. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: {
    get(name: string): string | null;
    /** The `Set-Cookie` headers, one by one. A platform that hides them keeps its cookies itself. */
    getSetCookie?(): string[];
  };
  /** The whole body. May reject when the connection ends in the middle. */
  text(): Promise<string>;
}
