import type { VenueClock } from "../../clock.js";
import { SimOptionError } from "../../option-error.js";
import { SeededRandom } from "../../random.js";
import type { SymbolSpec } from "../../market/symbol-spec.js";
import type { SentLog } from "../../record.js";
import { RollingWindow } from "../../rules/rolling-window.js";
import type { BinanceSettings } from "../resolve-options.js";
import { Account } from "./account.js";
import type { AccountEvent } from "./sim-account.js";

/** A listener that is told of an account's events. */
export interface AccountSubscriber {
  deliver(account: Account, entry: AccountEvent): void;
}

/** All accounts, and who listens to them. */
export class AccountBook {
  readonly #accounts: Map<string, Account> = new Map();
  readonly #subscribers: Map<Account, Set<AccountSubscriber>> = new Map();

  constructor(settings: BinanceSettings, clock: VenueClock, log: SentLog) {
    const symbols = new Map<string, SymbolSpec>(
      settings.market.symbols.map((spec) => [spec.symbol, spec]),
    );
    const random = new SeededRandom(settings.market.seed);
    const { orders: maxOrders, ordersWindowMs } = settings.limits;
    for (const each of settings.accounts) {
      const orders = new RollingWindow(maxOrders, ordersWindowMs);
      const account = new Account(each, {
        random: random.fork(`account ${each.apiKey}`),
        symbols: settings.market.symbols,
        symbol: (name) => symbols.get(name.toUpperCase()),
        wallNow: () => clock.wallNow(),
        admitsOrder: () => orders.admit(clock.now()),
        published: (source, entry) => {
          log.published(accountStream(source), { first: entry.index, last: entry.index });
          for (const subscriber of this.#subscribers.get(source) ?? [])
            subscriber.deliver(source, entry);
        },
      });
      this.#accounts.set(each.apiKey, account);
    }
  }

  find(apiKey: string): Account | undefined {
    return this.#accounts.get(apiKey);
  }

  /** The account with a key; the first one if no key is given. Throws for an unknown key. */
  get(apiKey?: string): Account {
    const account =
      apiKey === undefined ? [...this.#accounts.values()][0] : this.#accounts.get(apiKey);
    if (account === undefined)
      throw new SimOptionError("apiKey", `there is no account ${apiKey ?? ""}`);
    return account;
  }

  subscribe(account: Account, subscriber: AccountSubscriber): void {
    const known = this.#subscribers.get(account) ?? new Set();
    known.add(subscriber);
    this.#subscribers.set(account, known);
  }

  unsubscribe(account: Account, subscriber: AccountSubscriber): void {
    this.#subscribers.get(account)?.delete(subscriber);
  }
}

/** Under which name an account's events are in the record. */
export function accountStream(account: Account): string {
  return `userData ${account.apiKey}`;
}
