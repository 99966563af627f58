import type { BinanceSim, Fault, SimAccount } from "@oath-ws/sim";
import { BinanceUserData } from "@oath-ws/venue-binance";
import type { AccountEvent, AccountSnapshot, UserDataOptions } from "@oath-ws/venue-binance";
import { ed25519Signer } from "@oath-ws/venue-binance/node";
import type { VenueRuntime } from "@oath-ws/venue-kit";
import { nodeRuntime } from "oath-ws";

/** What the audit of an account found. The last five ought to be zero. */
export interface AccountReport {
  /** Events of the venue's record, and order events among them. */
  readonly events: number;
  readonly orderEvents: number;
  readonly delivered: number;
  /** Never delivered, and part of the state that a later reconciliation asked for. */
  readonly covered: number;
  readonly reconciliations: number;
  /** Times at which the account was live and caught up, and was compared with the venue. */
  readonly compared: number;

  /** Neither delivered nor covered, although the account was live or a later event had come. */
  readonly lost: number;
  readonly doubled: number;
  /** Delivered, and not in the venue's record. */
  readonly foreign: number;
  /** Times at which open orders or balances were not the venue's. */
  readonly wrong: number;
  /** 1 when the account was not live, or had not caught up, at the end. */
  readonly unsettled: number;
}

/** Checks in a row, all of them live, that an event may be late when a later one has come. */
const MAX_HOLE_CHECKS = 2;
/**
 * The same where none has come: a dead connection is found out within 3 s, which is 30 checks at
 * most, as they are 100 ms apart or more.
 */
const MAX_TAIL_CHECKS = 100;

/** What an account is asked for, and when. */
interface Ask {
  readonly at: number;
  /** The last event of the record by then: the answer holds all of them. */
  readonly index: number;
}

/**
 * An account's stream, compared with the venue's own record. What its reader knows is built from
 * snapshots and events alone. Two events that are equal to the letter count as one.
 */
export class AccountAudit {
  readonly user: BinanceUserData;
  readonly #account: SimAccount;
  readonly #asks: Ask[] = [];

  /** The venue's record by text, and how far it has been read. */
  readonly #indexOf: Map<string, number> = new Map();
  #noted = 0;
  #orderEvents = 0;
  /** Neither delivered nor covered yet: for how many checks in a row that were live. */
  readonly #pending: Map<number, number> = new Map();
  readonly #delivered: Set<number> = new Set();
  #newest = 0;
  /** The last event that came after the last snapshot; 0 when none has. */
  #sinceSnapshot = 0;

  readonly #orders: Map<number, string> = new Map();
  readonly #balances: Map<string, string> = new Map();

  #covered = 0;
  #reconciliations = 0;
  #compared = 0;
  #lost = 0;
  #doubled = 0;
  #foreign = 0;
  #wrong = 0;

  constructor(
    sim: BinanceSim,
    options: Pick<UserDataOptions, "gate" | "budget" | "config" | "renewal" | "runtime">,
  ) {
    const account = sim.account();
    const { apiKey, privateKey } = account;
    if (privateKey === undefined) throw new Error("the simulated account has no key");
    this.#account = account;
    this.user = new BinanceUserData({
      ...options,
      runtime: this.#listening(options.runtime),
      url: sim.url,
      restUrl: sim.restUrl,
      credentials: { apiKey, sign: ed25519Signer(privateKey) },
      login: "session",
      sessionCheckMs: 1_000,
    });
  }

  /** Whether the account is live and knows everything that the venue has published. */
  get isSettled(): boolean {
    return this.#isLive && this.#isCaughtUp;
  }

  /** Reads what has come, and holds it against the record. */
  check(): void {
    this.#noteRecord();
    this.#read();
    const isLive = this.#isLive;
    for (const [index, age] of this.#pending) {
      if (!isLive) this.#pending.set(index, 0);
      else if (age < (index < this.#newest ? MAX_HOLE_CHECKS : MAX_TAIL_CHECKS))
        this.#pending.set(index, age + 1);
      else {
        this.#pending.delete(index);
        this.#lost++;
      }
    }
    if (!this.isSettled) return;
    this.#compared++;
    if (!this.#isRight()) this.#wrong++;
  }

  /** To be asked when the account has settled; what is still open then is lost. */
  report(): AccountReport {
    return {
      events: this.#noted,
      orderEvents: this.#orderEvents,
      delivered: this.#delivered.size,
      covered: this.#covered,
      reconciliations: this.#reconciliations,
      compared: this.#compared,
      lost: this.#lost + this.#pending.size,
      doubled: this.#doubled,
      foreign: this.#foreign,
      wrong: this.#wrong,
      unsettled: this.isSettled ? 0 : 1,
    };
  }

  get #isLive(): boolean {
    return this.user.state.snapshot.phase === "live";
  }

  /**
   * Events that a snapshot already holds may come after it, and take the reader back until the last
   * of them is there.
   */
  get #isCaughtUp(): boolean {
    return (
      this.#pending.size === 0 && (this.#sinceSnapshot === 0 || this.#sinceSnapshot === this.#noted)
    );
  }

  /** Notes what was in the record each time that the open orders were asked for. */
  #listening(runtime: VenueRuntime): VenueRuntime {
    return {
      ...runtime,
      fetch: (url, request) => {
        if (url.includes("/openOrders")) {
          const index = this.#account.events.at(-1)?.index ?? 0;
          this.#asks.push({ at: nodeRuntime.timer.now(), index });
        }
        return runtime.fetch(url, request);
      },
    };
  }

  #noteRecord(): void {
    for (const { index, event } of this.#account.events.slice(this.#noted)) {
      this.#noted = index;
      const text = JSON.stringify(event);
      if (event["e"] === "executionReport") this.#orderEvents++;
      if (this.#indexOf.has(text)) continue;
      this.#indexOf.set(text, index);
      this.#pending.set(index, 0);
    }
  }

  #read(): void {
    for (let update = this.user.take(); update !== undefined; update = this.user.take()) {
      const { data, receivedAt } = update;
      if (data.kind === "event") this.#event(data.event);
      else this.#snapshot(data.account, receivedAt);
    }
  }

  #event(event: AccountEvent): void {
    const index = this.#indexOf.get(JSON.stringify(event));
    if (index === undefined) {
      this.#foreign++;
      return;
    }
    if (this.#delivered.has(index)) this.#doubled++;
    this.#delivered.add(index);
    this.#pending.delete(index);
    this.#newest = Math.max(this.#newest, index);
    this.#sinceSnapshot = index;
    switch (event.e) {
      case "executionReport":
        if (event.X === "NEW" || event.X === "PARTIALLY_FILLED")
          this.#orders.set(event.i, `${event.X} ${event.z}`);
        else this.#orders.delete(event.i);
        break;
      case "outboundAccountPosition":
        for (const { a, f, l } of event.B) this.#balances.set(a, `${f} ${l}`);
        break;
      // The position that follows says what it came to.
      case "balanceUpdate":
      case "listStatus":
      case "externalLockUpdate":
        break;
      default:
        event satisfies never;
    }
  }

  /** Nothing tells to which question it is the answer, but that they are asked one by one. */
  #snapshot({ balances, openOrders }: AccountSnapshot, receivedAt: number): void {
    const ask = this.#asks.findLast(({ at }) => at <= receivedAt);
    this.#reconciliations++;
    this.#sinceSnapshot = 0;
    for (const index of this.#pending.keys()) {
      if (index > (ask?.index ?? 0)) continue;
      this.#pending.delete(index);
      // What came after it, without a reconciliation in between, claimed that nothing was missing.
      if (index < this.#newest) this.#lost++;
      else this.#covered++;
    }
    this.#orders.clear();
    for (const { orderId, status, executedQty } of openOrders)
      this.#orders.set(orderId, `${status} ${executedQty}`);
    this.#balances.clear();
    for (const { asset, free, locked } of balances) this.#balances.set(asset, `${free} ${locked}`);
  }

  #isRight(): boolean {
    const orders = this.#account.openOrders();
    const balances = Object.entries(this.#account.balances());
    return (
      orders.length === this.#orders.size &&
      orders.every(
        ({ orderId, status, executedQty }) =>
          this.#orders.get(Number(orderId)) === `${String(status)} ${String(executedQty)}`,
      ) &&
      balances.length === this.#balances.size &&
      balances.every(
        ([asset, { free, locked }]) => this.#balances.get(asset) === `${free} ${locked}`,
      )
    );
  }
}

/**
 * Faults of the account's connection. Frames that get lost or come twice on a connection that stays
 * up are not among them: nothing numbers the events, and the adapter tells what the venue said.
 */
export const ACCOUNT_FAULTS: readonly (readonly Fault[])[] = [
  [{ kind: "reset" }],
  [{ kind: "half-open" }],
  [{ kind: "close", code: 1008, reason: "Too many requests" }],
  [{ kind: "expire" }],
  [{ kind: "server-shutdown", closeAfterMs: 3_000 }],
  // The renewal that it asks for finds its old connection gone.
  [{ kind: "server-shutdown", closeAfterMs: 20 }],
  [{ kind: "stall", forMs: 800 }],
  [{ kind: "bad-utf8" }],
  [{ kind: "fragment", pieces: 3 }],
  // Logins that are refused for the moment.
  [{ kind: "answer-errors", count: 2 }, { kind: "reset" }],
  [{ kind: "refuse", status: 503, count: 2 }, { kind: "reset" }],
  [{ kind: "terminate-user-data" }],
  [{ kind: "terminate-user-data", count: 1 }],
  // What the venue published meanwhile goes down with the connection.
  [{ kind: "stall", forMs: 800 }, { kind: "reset" }],
];
