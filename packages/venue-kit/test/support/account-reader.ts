import { ReconciledStream } from "@oath-ws/venue-kit";
import type { FeedRig } from "./feed-rig.js";
import { UNCOUNTED } from "./toy-venue.js";
import type { Tick } from "./toy-venue.js";

type AccountUpdate =
  | { readonly kind: "state"; readonly upTo: number }
  | { readonly kind: "event"; readonly n: number };

export interface AccountReaderOptions {
  readonly topic: string;
  /** How long the venue takes to answer what the account's state is, in milliseconds. */
  readonly answerMs: () => number;
}

/** An account whose state is known from events, and from asking the venue after a loss. */
export class AccountReader {
  readonly stream: ReconciledStream<Tick, AccountUpdate>;
  /** Why the venue was asked, in order. */
  readonly reasons: string[] = [];
  /** Every event up to this one is in the state that the venue last told. */
  #stateUpTo = 0;
  readonly #events = new Set<number>();

  constructor(rig: FeedRig, { topic, answerMs }: AccountReaderOptions) {
    const { venue } = rig;
    const { timer, random } = rig.world;
    this.stream = new ReconciledStream<Tick, AccountUpdate>({
      timer,
      random,
      subscription: rig.subscribe(topic, UNCOUNTED),
      reconcile: async ({ reason }) => {
        this.reasons.push(reason);
        const upTo = venue.count(topic);
        await new Promise<void>((resolve) => void timer.schedule(answerMs(), resolve));
        return { kind: "state", upTo };
      },
      timeoutMs: 5_000,
      update: ({ data }) => ({ kind: "event", n: data.n }),
      maxUpdates: 10_000,
      isPermanent: () => false,
      onFault: () => undefined,
      onEnd: () => undefined,
    });
  }

  read(): void {
    for (let update = this.stream.take(); update !== undefined; update = this.stream.take()) {
      if (update.data.kind === "event") this.#events.add(update.data.n);
      else this.#stateUpTo = Math.max(this.#stateUpTo, update.data.upTo);
    }
  }

  /** Whether the reader knows what the event did. */
  knows(n: number): boolean {
    return n <= this.#stateUpTo || this.#events.has(n);
  }
}
