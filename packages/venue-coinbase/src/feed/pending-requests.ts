import type { WsError } from "@oath-ws/contract";
import type { TopicRequest } from "./request.js";

/** A request whose answer is outstanding. */
export interface PendingRequest extends TopicRequest {
  /** The command or query that it belongs to. */
  readonly id: number;
  /** Times it was sent again with a fresh token. */
  authRetries: number;
  /** Whether its answer may be among frames that are missing. */
  isDoubtful: boolean;
}

/** What an answer settled. */
export type Settled =
  | { readonly kind: "confirmed"; readonly id: number }
  | { readonly kind: "refused"; readonly id: number; readonly error: WsError };

interface Asked {
  left: number;
  error: WsError | undefined;
}

/**
 * Which request an answer is for. The venue's answers bear no id: it answers in order, an
 * acknowledgement lists the whole set of what is subscribed (C-4), and an error says nothing but
 * its reason. A command of several channels is several requests; it is settled with the last of
 * them.
 */
export class PendingRequests {
  #queue: PendingRequest[] = [];
  readonly #asked = new Map<number, Asked>();

  /** The request that will be answered next. */
  get first(): PendingRequest | undefined {
    return this.#queue[0];
  }

  /** Topics that are asked to be given up. */
  get cancelling(): ReadonlySet<string> {
    return new Set(
      this.#queue.flatMap(({ request, topics }) => (request.type === "unsubscribe" ? topics : [])),
    );
  }

  /** A command or query was sent, as these requests. */
  add(id: number, requests: readonly TopicRequest[]): void {
    this.#asked.set(id, { left: requests.length, error: undefined });
    for (const request of requests)
      this.#queue.push({ ...request, id, authRetries: 0, isDoubtful: false });
  }

  /** Nobody waits for it any more. */
  forget(id: number): void {
    this.#asked.delete(id);
    this.#queue = this.#queue.filter((request) => request.id !== id);
  }

  /** Frames are missing: the answer to any of these may be among them. */
  doubt(): void {
    for (const request of this.#queue) request.isDoubtful = true;
  }

  /** A new connection: nothing is outstanding. */
  clear(): void {
    this.#queue = [];
    this.#asked.clear();
  }

  /** The venue has told its whole set: which commands are carried out by it. */
  acknowledge(held: ReadonlySet<string>): readonly Settled[] {
    const settled: Settled[] = [];
    // Only from the front: what a later request wants may hold by chance before an earlier one is
    // carried out.
    for (let first = this.first; first !== undefined; first = this.first) {
      const isCarriedOut = holds(first, held);
      // This is the answer to a later one, so the first one's was lost. What it was is not known:
      // whoever asked has to ask again.
      const isLost =
        !isCarriedOut && first.isDoubtful && this.#queue.some((later) => holds(later, held));
      if (!isCarriedOut && !isLost) break;
      this.#queue.shift();
      if (isCarriedOut) settled.push(...this.#settle(first, undefined));
    }
    return settled;
  }

  /** The first request was refused. */
  refuse(error: WsError): readonly Settled[] {
    const first = this.#queue.shift();
    return first === undefined ? [] : this.#settle(first, error);
  }

  /** The first request is sent again, and is answered after all others. */
  retry(): void {
    const first = this.#queue.shift();
    if (first !== undefined) this.#queue.push(first);
  }

  #settle({ id }: PendingRequest, error: WsError | undefined): readonly Settled[] {
    const asked = this.#asked.get(id);
    if (asked === undefined) return [];
    asked.left--;
    asked.error ??= error;
    if (asked.left > 0) return [];
    this.#asked.delete(id);
    return [
      asked.error === undefined
        ? { kind: "confirmed", id }
        : { kind: "refused", id, error: asked.error },
    ];
  }
}

function holds({ request, topics }: PendingRequest, held: ReadonlySet<string>): boolean {
  return request.type === "subscribe"
    ? topics.every((topic) => held.has(topic))
    : !topics.some((topic) => held.has(topic));
}
