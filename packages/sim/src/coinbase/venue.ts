import { asInteger } from "../check.js";
import { WaitingFaults } from "../faults/waiting-faults.js";
import { Market } from "../market/market.js";
import { OrderArchive } from "../market/order-archive.js";
import type { SymbolMarket } from "../market/symbol-market.js";
import { SentLog } from "../record.js";
import { VenueClock } from "../clock.js";
import type { FaultTarget } from "../faults/fault.js";
import { FaultScript } from "../faults/fault-script.js";
import { parseTarget } from "../faults/parse-fault.js";
import { SimOptionError } from "../option-error.js";
import { LimitByKey } from "../rules/limit-by-key.js";
import { SeededRandom } from "../random.js";
import { SimVenue, type VenueParts } from "../sim-venue.js";
import { VenueAdmission } from "../venue-admission.js";
import { Listener } from "../wire/listener.js";
import { type CoinbaseAccount, SimAccount } from "./account.js";
import { Broadcast } from "./broadcast.js";
import {
  type CoinbaseFault,
  type CoinbaseFaults,
  coinbaseFaults,
  parseCoinbaseFault,
} from "./coinbase-fault.js";
import type { CoinbaseSim, CoinbaseSimMarket } from "./coinbase-sim.js";
import { coinbaseFaultBoard } from "./fault-board.js";
import { CoinbaseJournal } from "./journal.js";
import { isoTime } from "./market/payloads.js";
import { plain } from "./market/plain.js";
import { CoinbaseReception } from "./reception.js";
import { RequestDesk } from "./request-desk.js";
import { CoinbaseRest, type OldTradesFaults } from "./rest-api.js";
import { canonicalProduct, type CoinbaseSettings } from "./resolve-options.js";
import type { CoinbaseSimStats } from "./stats.js";

const HEARTBEAT_MS = 1_000;
/**
 * How long the simulated server process has been up when it starts: heartbeats count its seconds
 * (C-9).
 */
const UPTIME_SECONDS = 21_697;
/** Orders of a product whose trades REST still knows. */
const ARCHIVED_ORDERS = 10_000;

/** Puts the parts of the simulated venue together. */
export class CoinbaseVenue extends SimVenue<CoinbaseSimStats> implements CoinbaseSim {
  readonly faults: CoinbaseFaults;
  readonly market: CoinbaseSimMarket;
  readonly record: CoinbaseSim["record"];
  protected readonly parts: VenueParts<CoinbaseSimStats>;
  readonly #settings: CoinbaseSettings;
  readonly #clock: VenueClock;
  readonly #market: Market;
  readonly #accounts: readonly SimAccount[];
  readonly #reception: CoinbaseReception;
  readonly #script: FaultScript<CoinbaseFault>;
  #beats = UPTIME_SECONDS;

  constructor(settings: CoinbaseSettings) {
    super();
    const clock = new VenueClock(settings);
    const journal = new CoinbaseJournal(() => this.#reception.subscriptions, clock.timer);
    const log = new SentLog(0);
    const random = new SeededRandom(settings.seed).fork("idle");
    const broadcast = new Broadcast(() => this.#reception.peers, log, settings.wire);
    const archive = new OrderArchive(broadcast, ARCHIVED_ORDERS);
    const market = new Market(settings.market, archive, clock.timer);
    const oldTrades: OldTradesFaults = new WaitingFaults();
    const rest = new CoinbaseRest({ settings, clock, market, archive, oldTrades });
    const accounts = settings.accounts.map(
      (options, at) =>
        new SimAccount(options, {
          index: at + 1,
          listener: broadcast,
          random: new SeededRandom(settings.seed).fork(`account/${at}`),
          now: () => clock.wallNow(),
        }),
    );
    const desk = new RequestDesk({
      settings,
      clock,
      journal,
      accounts,
      isProduct: (id) => market.symbol(id) !== undefined,
      canonical: (id) => canonicalProduct(id.toUpperCase(), settings.usdcProducts),
      snapshot: (peer, channel, products) =>
        broadcast.snapshot(
          peer,
          channel,
          products.flatMap((id) => market.symbol(id) ?? []),
        ),
    });
    const { connects, connectWindowMs, slackMs } = settings.limits;
    // One limit for both endpoints together (C-14).
    const admission = new VenueAdmission(
      new LimitByKey(connects, connectWindowMs, slackMs),
      clock,
      journal,
    );
    this.#settings = settings;
    this.#clock = clock;
    this.#market = market;
    this.#accounts = accounts;
    this.#reception = new CoinbaseReception(
      {
        settings,
        clock,
        journal,
        log,
        random: () => random.next(),
        request: (peer, text) => desk.handle(peer, text),
        eventSent: (peer) => this.#script.eventSent(peer),
      },
      admission,
    );
    const board = coinbaseFaultBoard({
      journal,
      onFault: settings.onFault,
      market,
      broadcast,
      upgrades: admission.faults,
      desk,
      oldTrades,
      now: () => clock.now(),
      peers: () => this.#reception.peers,
      revokeKey: (keyName) => {
        this.#account(keyName).revoked = true;
      },
    });
    const apply = (fault: CoinbaseFault, target?: FaultTarget): ReturnType<typeof board.apply> =>
      board.apply(parseCoinbaseFault("fault", fault), parseTarget("target", target));
    this.faults = coinbaseFaults(apply);
    this.#script = new FaultScript(settings.script, clock, (fault, target) =>
      board.apply(fault, target),
    );
    const listener = new Listener(
      {
        request: (request, response) => rest.handle(request, response),
        upgrade: (request, socket, head) => this.#reception.upgrade(request, socket, head),
      },
      { clock, settings },
    );
    this.parts = { settings, clock, journal, market, reception: this.#reception, listener };
    this.market = marketView(market);
    this.record = log.view;
  }

  get url(): string {
    return `ws${this.secure}://${this.authority}`;
  }

  get restUrl(): string {
    return `http${this.secure}://${this.authority}`;
  }

  get userUrl(): string {
    return `${this.url}/user`;
  }

  account(keyName?: string): CoinbaseAccount {
    return this.#account(keyName);
  }

  /** Starts to listen and to move. */
  async start(): Promise<void> {
    await this.listen();
    this.#script.start();
    this.#clock.after(HEARTBEAT_MS, () => this.#beat());
    this.#market.start();
  }

  #beat(): void {
    this.#clock.after(HEARTBEAT_MS, () => this.#beat());
    const counter = ++this.#beats;
    const time = isoTime(this.#clock.wallNow()).replace("T", " ").replace("Z", "000000");
    const event = JSON.stringify({
      current_time: `${time} +0000 UTC m=+${counter}.195984854`,
      heartbeat_counter: this.#settings.wire.counterAsText ? String(counter) : counter,
    });
    for (const peer of this.#reception.peers) {
      if (peer.follows("heartbeats"))
        peer.event("heartbeats", event, [{ stream: "heartbeats", first: counter, last: counter }]);
    }
  }

  #account(keyName: string | undefined): SimAccount {
    const found =
      keyName === undefined
        ? this.#accounts[0]
        : this.#accounts.find((account) => account.keyName === keyName);
    if (found === undefined)
      throw new SimOptionError(
        "keyName",
        `no account has the key ${keyName ?? "(none is simulated)"}`,
      );
    return found;
  }
}

/** The market as users of the simulator see it. */
function marketView(market: Market): CoinbaseSimMarket {
  const known = (product: string): SymbolMarket => {
    const found = market.symbol(product.toUpperCase());
    if (found === undefined)
      throw new SimOptionError("product", `${product} is not simulated here`);
    return found;
  };
  return {
    products: market.symbols.map(({ spec }) => spec.symbol),
    get steps() {
      return market.steps;
    },
    book: (product) => {
      const { lastUpdateId, bids, asks } = known(product).depth(Number.POSITIVE_INFINITY);
      const print = (levels: typeof bids): Array<readonly [string, string]> =>
        levels.map(([price, quantity]) => [plain(price), plain(quantity)] as const);
      return { changes: lastUpdateId, bids: print(bids), asks: print(asks) };
    },
    lastTradeId: (product) => known(product).lastTradeId,
    step: (count = 1) => market.step(asInteger("count", count)),
  };
}
