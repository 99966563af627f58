import type { WsError } from "@oath-ws/contract";
import type { TopicRequest } from "./request.js";

/** A request whose answer is outstanding. */
export interface PendingRequest extends TopicRequest {
  /** Times it was sent again with a fresh token. */
  authRetries: number;
  /** Whether its answer may be among frames that are missing. */
  isDoubtful: boolean;
  /** Whether an acknowledgement was passed over while it was the first: perhaps its own. */
  isPassed: boolean;
}

/** The answer to a command. */
export interface Settled {
  readonly id: number;
  /** Why one of its requests was refused. */
  readonly error: WsError | undefined;
  /** The topics about which the venue did not do what was asked. */
  readonly left: readonly string[];
}

/**
 * Decides which request an answer is for. How this works: the venue's answers bear no id. It
 * answers in order, one answer for each request. An acknowledgement lists the whole set of what is
 * subscribed (C-4), so it is judged topic by topic: a topic that was asked for and is not listed
 * was ignored (C-24). An error says nothing but its reason. A command of several channels is
 * several requests, and is settled with the last of them. There is one command at a time.
 *
 * An acknowledgement that may belong to a request which is not waited for any more is not judged:
 * the request that it could accuse wrongly is answered by a later one, or asked for again.
 */
export class PendingRequests {
  #id: number | undefined;
  #queue: PendingRequest[] = [];
  #outstanding = 0;
  #error: WsError | undefined;
  #left = new Set<string>();
  /** Acknowledgements that may still come for requests that are not in the queue any more. */
  #surplus = 0;

  /** The request that will be answered next. */
  get first(): PendingRequest | undefined {
    return this.#queue[0];
  }

  /** Topics that are asked for, or asked to be given up. */
  topics(type: "subscribe" | "unsubscribe"): ReadonlySet<string> {
    return new Set(
      this.#queue.flatMap(({ request, topics }) => (request.type === type ? topics : [])),
    );
  }

  /** A command was sent, as these requests. An earlier one is not waited for any more. */
  add(id: number, requests: readonly TopicRequest[]): void {
    this.#abandon();
    this.#id = id;
    this.#outstanding = requests.length;
    this.#error = undefined;
    this.#left = new Set();
    this.#queue = requests.map((request) => ({
      ...request,
      authRetries: 0,
      isDoubtful: false,
      isPassed: false,
    }));
  }

  /** This command is not waited for any more. Its answers may come all the same. */
  forget(id: number): void {
    if (id === this.#id) this.#abandon();
  }

  /** Frames are missing: the answer to any of these may be among them. */
  doubt(): void {
    for (const request of this.#queue) request.isDoubtful = true;
  }

  /** The venue has told its whole set: gives the command that is settled by it. */
  acknowledge(held: ReadonlySet<string>): Settled | undefined {
    let settled: Settled | undefined;
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
        // Whether it was carried out is not known: the caller has to ask again.
        this.#queue.shift();
        continue;
      } else if (this.#surplus > 0 || first.isDoubtful) {
        this.#surplus = Math.max(0, this.#surplus - 1);
        first.isPassed = true;
        break;
      }
      isTaken = true;
      this.#queue.shift();
      settled = this.#settle(left, undefined);
    }
    return settled;
  }

  /** The first request was refused. */
  refuse(error: WsError): Settled | undefined {
    return this.#queue.shift() === undefined ? undefined : this.#settle([], error);
  }

  /** The first request is sent again, and is answered after all others. */
  retry(): void {
    const first = this.#queue.shift();
    if (first !== undefined) this.#queue.push(first);
  }

  #abandon(): void {
    this.#surplus += this.#queue.filter(({ isPassed }) => !isPassed).length;
    this.#queue = [];
    this.#id = undefined;
  }

  /** Whether an acknowledgement of this set answers a later request than this first one. */
  #isAnswerLost(first: PendingRequest, held: ReadonlySet<string>): boolean {
    return first.isDoubtful && this.#queue.some((later) => undone(later, held).length === 0);
  }

  #settle(left: readonly string[], error: WsError | undefined): Settled | undefined {
    const id = this.#id;
    this.#outstanding--;
    this.#error ??= error;
    for (const topic of left) this.#left.add(topic);
    if (this.#outstanding > 0 || id === undefined) return undefined;
    this.#id = undefined;
    return { id, error: this.#error, left: Array.from(this.#left) };
  }
}

/** The topics about which a set of subscriptions is not what the request wants. */
function undone({ request, topics }: PendingRequest, held: ReadonlySet<string>): readonly string[] {
  const isWanted = request.type === "subscribe";
  return topics.filter((topic) => held.has(topic) !== isWanted);
}
