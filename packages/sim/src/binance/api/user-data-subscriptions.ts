import type { Account } from "./account.js";
import type { AccountBook, AccountSubscriber } from "./account-book.js";
import { API_ERRORS, type ApiError } from "./api-error.js";
import type { AccountEvent } from "./sim-account.js";

/** How a subscription came about; a logout ends only those of the logon. */
export type Origin = "logon" | "signature";

export type Opened =
  | { readonly kind: "opened"; readonly id: number }
  | { readonly kind: "error"; readonly error: ApiError };

/** Gets the events of a subscription. */
export interface UserDataSink {
  deliver(subscriptionId: number, account: Account, entry: AccountEvent): void;
}

interface Subscription {
  readonly account: Account;
  readonly origin: Origin;
  readonly subscriber: AccountSubscriber;
}

/**
 * The user data subscriptions of one connection: one per account, bounded in number at a time and
 * ever (B-34).
 */
export class UserDataSubscriptions {
  readonly #maxActive: number;
  readonly #maxEver: number;
  readonly #accounts: AccountBook;
  readonly #sink: UserDataSink;
  readonly #open: Map<number, Subscription> = new Map();
  #nextId = 0;

  constructor(maxActive: number, maxEver: number, accounts: AccountBook, sink: UserDataSink) {
    this.#maxActive = maxActive;
    this.#maxEver = maxEver;
    this.#accounts = accounts;
    this.#sink = sink;
  }

  /** Ids of what is subscribed now; they count from 0 and are never used again on a connection. */
  get ids(): readonly number[] {
    return [...this.#open.keys()];
  }

  open(account: Account, origin: Origin): Opened {
    for (const { account: known } of this.#open.values()) {
      if (known === account) return { kind: "error", error: API_ERRORS.alreadySubscribed };
    }
    if (this.#open.size >= this.#maxActive || this.#nextId >= this.#maxEver) {
      return { kind: "error", error: API_ERRORS.tooManySubscriptions };
    }
    const id = this.#nextId++;
    const subscriber: AccountSubscriber = {
      deliver: (source, entry) => this.#sink.deliver(id, source, entry),
    };
    this.#open.set(id, { account, origin, subscriber });
    this.#accounts.subscribe(account, subscriber);
    return { kind: "opened", id };
  }

  /** Ends one; false if there is none with this id. */
  close(id: number): boolean {
    const subscription = this.#open.get(id);
    if (subscription === undefined) return false;
    this.#open.delete(id);
    this.#accounts.unsubscribe(subscription.account, subscription.subscriber);
    return true;
  }

  /** Ends those of an account with this origin; returns their ids. */
  closeFor(account: Account, origin: Origin): readonly number[] {
    const ids = [...this.#open].filter(
      ([, each]) => each.account === account && each.origin === origin,
    );
    return ids.map(([id]) => id).filter((id) => this.close(id));
  }

  /** Ends all; returns their ids. */
  closeAll(): readonly number[] {
    return this.ids.filter((id) => this.close(id));
  }
}
