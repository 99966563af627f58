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
  /** Whether an acknowledgement was passed over while it was the first: perhaps its own. */
  isPassed: boolean;
}

/** What an answer settled. */
export type Settled =
  /** The venue has answered. `left`: the topics about which it did not do what was asked. */
  | { readonly kind: "answered"; readonly id: number; readonly left: readonly string[] }
  | { readonly kind: "refused"; readonly id: number; readonly error: WsError };

interface Asked {
  outstanding: number;
  error: WsError | undefined;
  readonly left: Set<string>;
}

/**
 * Decides which request an answer is for. How this works: the venue's answers bear no id. It
 * answers in order, one answer for each request. An acknowledgement lists the whole set of what is
 * subscribed (C-4), so it is judged topic by topic: a topic that was asked for and is not listed
 * was ignored (C-24). An error says nothing but its reason. A command of several channels is several
 * requests, and is settled with the last of them.
 *
 * An acknowledgement that may belong to a request which is not waited for any more is not judged:
 * the request that it could accuse wrongly is answered by a later one, or asked for again.
 */
export class PendingRequests {
  #queue: PendingRequest[] = [];
  readonly #asked = new Map<number, Asked>();
  /** Acknowledgements that may still come for requests that are not in the queue any more. */
  #surplus = 0;

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
    this.#asked.set(id, { outstanding: requests.length, error: undefined, left: new Set() });
    for (const request of requests)
      this.#queue.push({ ...request, id, authRetries: 0, isDoubtful: false, isPassed: false });
  }

  /** Nobody waits for it any more. Its answers may come all the same. */
  forget(id: number): void {
    this.#asked.delete(id);
    this.#surplus += this.#queue.filter((one) => one.id === id && !one.isPassed).length;
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
    this.#surplus = 0;
  }

  /** The venue has told its whole set: gives the commands and queries that are settled by it. */
  acknowledge(held: ReadonlySet<string>): readonly Settled[] {
    const settled: Settled[] = [];
    /** Whether a request has taken this acknowledgement for its own. */
    let isTaken = false;
    for (let first = this.first; first !== undefined; first = this.first) {
      // What a later request wants may hold by chance before the venue has looked at it. Only when
      // its own answer may be lost this one has to do.
      if (isTaken && !first.isDoubtful) break;
      const left = undone(first, held);
      if (left.length === 0) {
        if (isTaken) this.#surplus++;
      } else if (isTaken) {
        break;
      } else if (this.#isAnswerLost(first, held)) {
        // Whether it was carried out is not known: whoever asked has to ask again.
        this.#queue.shift();
        continue;
      } else if (this.#surplus > 0 || first.isDoubtful) {
        this.#surplus = Math.max(0, this.#surplus - 1);
        first.isPassed = true;
        break;
      }
      isTaken = true;
      this.#queue.shift();
      settled.push(...this.#settle(first, left, undefined));
    }
    return settled;
  }

  /** The first request was refused. */
  refuse(error: WsError): readonly Settled[] {
    const first = this.#queue.shift();
    return first === undefined ? [] : this.#settle(first, [], error);
  }

  /** The first request is sent again, and is answered after all others. */
  retry(): void {
    const first = this.#queue.shift();
    if (first !== undefined) this.#queue.push(first);
  }

  /** Whether an acknowledgement of this set answers a later request than this first one. */
  #isAnswerLost(first: PendingRequest, held: ReadonlySet<string>): boolean {
    return first.isDoubtful && this.#queue.some((later) => undone(later, held).length === 0);
  }

  #settle(
    { id }: PendingRequest,
    left: readonly string[],
    error: WsError | undefined,
  ): readonly Settled[] {
    const asked = this.#asked.get(id);
    if (asked === undefined) return [];
    asked.outstanding--;
    asked.error ??= error;
    for (const topic of left) asked.left.add(topic);
    if (asked.outstanding > 0) return [];
    this.#asked.delete(id);
    return [
      asked.error === undefined
        ? { kind: "answered", id, left: Array.from(asked.left) }
        : { kind: "refused", id, error: asked.error },
    ];
  }
}

/** The topics about which a set of subscriptions is not what the request wants. */
function undone({ request, topics }: PendingRequest, held: ReadonlySet<string>): readonly string[] {
  const isWanted = request.type === "subscribe";
  return topics.filter((topic) => held.has(topic) !== isWanted);
}
