import type { IncomingMessage, ServerResponse } from "node:http";
import { VenueClock } from "../clock.js";
import { handleControl } from "../faults/control-endpoint.js";
import type { AppliedFault, Fault, FaultTarget } from "../faults/fault.js";
import { FaultScript } from "../faults/fault-script.js";
import { faultMethods, type Faults } from "../faults/faults.js";
import { parseFault, parseTarget } from "../faults/parse-fault.js";
import { BanList } from "../rules/ban-list.js";
import { Listener } from "../wire/listener.js";
import { WaitingFaults } from "../faults/waiting-faults.js";
import { Admission } from "./admission.js";
import { AccountBook } from "./api/account-book.js";
import { type ApiParts, ApiSession } from "./api/api-session.js";
import type { SimAccount } from "./api/sim-account.js";
import type { BinanceSim, SimMarket, BinanceSimRecord } from "./binance-sim.js";
import { DepthSource } from "./depth-source.js";
import { faultBoard } from "./fault-board.js";
import { Journal } from "./journal.js";
import { Firewall } from "./firewall.js";
import { Market } from "../market/market.js";
import { marketView } from "./market-view.js";
import { type Destination, Reception } from "./reception.js";
import { SentLog } from "../record.js";
import { SimVenue, type VenueParts } from "../sim-venue.js";
import { OrderTroubles } from "../faults/order-troubles.js";
import { RequestFaults } from "./request-faults.js";
import type { BinanceSettings } from "./resolve-options.js";
import { type OldTradesFaults, RestApi } from "./rest/rest-api.js";
import type { SimStats } from "./stats.js";
import { SbeEncoder } from "./sbe/sbe-events.js";
import { type MarketParts, MarketSession } from "./streams/market-session.js";
import { parseMarketTarget } from "./streams/market-target.js";
import { type Encoding, StreamHub } from "./streams/stream-hub.js";
import { TradeArchive } from "./trade-archive.js";
import { WeightGate } from "./weight-gate.js";

const API_PATH = "/ws-api/v3";
/** What opening a WebSocket API connection costs (B-31). */
const API_CONNECT_WEIGHT = 2;
const CONTROL_PATH = "/control";

/** Puts the parts of the simulated venue together. */
export class Venue extends SimVenue<SimStats> implements BinanceSim {
  readonly faults: Faults;
  readonly market: SimMarket;
  readonly record: BinanceSimRecord;
  protected readonly parts: VenueParts<SimStats>;
  readonly #settings: BinanceSettings;
  readonly #market: Market;
  readonly #accounts: AccountBook;
  readonly #weights: WeightGate;
  readonly #marketParts: MarketParts;
  readonly #apiParts: ApiParts;
  readonly #rest: RestApi;
  readonly #reception: Reception;
  readonly #script: FaultScript;
  readonly #sbeListener: Listener;
  #sbePort = 0;

  constructor(settings: BinanceSettings) {
    super();
    const clock = new VenueClock(settings);
    const journal = new Journal(() => this.#reception.subscriptions, clock.timer);
    const log = new SentLog(settings.payloads);
    const hub = new StreamHub(log, new SbeEncoder(settings.sbe));
    const archive = new TradeArchive(hub, settings.archivedOrders);
    const market = new Market(settings.market, archive, clock.timer);
    const oldTrades: OldTradesFaults = new WaitingFaults();
    const bans = new BanList(settings.bans);
    const firewall = new Firewall(clock);
    const requests = new RequestFaults();
    const orders = new OrderTroubles();
    const admission = new Admission(settings, clock, bans, journal, firewall);
    const depth = new DepthSource(market, settings.depthSnapshots);
    const accounts = new AccountBook(settings, clock, log);
    for (const { fault } of settings.script) {
      // Found now, it is an error of the caller; found when the time comes, no caller could catch
      // it.
      if (fault.kind === "revoke-key") accounts.get(fault.apiKey);
    }
    const weights = new WeightGate(settings, clock, journal, bans);
    const disconnectBanned = (address: string): void =>
      void this.#reception.disconnectBanned(address);
    const reception = new Reception({
      settings,
      clock,
      journal,
      bans,
      admission,
      endpointOf: (url) => (url?.pathname === API_PATH ? "ws-api" : "stream"),
      route: (url, address) => this.#route(url, address),
      eventSent: (peer) => this.#script.eventSent(peer),
    });
    const board = faultBoard({
      settings,
      clock,
      journal,
      market,
      hub,
      admission,
      bans,
      firewall,
      requests,
      orders,
      peers: () => reception.peers,
      ban: (address, forMs) => reception.ban(address, forMs),
      oldTrades,
      freezeDepth: (count) => depth.freeze(count),
      revokeKey: (apiKey) => {
        accounts.get(apiKey).revoked = true;
      },
    });
    this.#settings = settings;
    this.#market = market;
    this.#accounts = accounts;
    this.#weights = weights;
    this.#marketParts = { settings, clock, journal, log, hub, requests };
    this.#apiParts = {
      settings,
      clock,
      journal,
      log,
      accounts,
      weights,
      depth,
      requests,
      orders,
      disconnectBanned,
    };
    this.#rest = new RestApi({
      clock,
      accounts,
      weights,
      depth,
      firewall,
      disconnectBanned,
      market,
      archive,
      oldTrades,
    });
    this.#reception = reception;
    this.#script = new FaultScript(settings.script, clock, (fault, target) =>
      board.apply(fault, target),
    );
    const listener = new Listener(
      {
        request: (request, response) => this.#request(request, response),
        upgrade: (request, socket, head) => reception.upgrade(request, socket, head),
      },
      { clock, settings },
    );
    this.#sbeListener = new Listener(
      {
        // There is nothing but streams at this address.
        request: (_request, response) => response.writeHead(404).end(),
        upgrade: (request, socket, head) =>
          reception.upgrade(request, socket, head, (url) => this.#routeSbe(url, request)),
      },
      { clock, settings },
    );
    this.parts = { settings, clock, journal, market, reception, listener };
    this.market = marketView(market);
    this.record = {
      ...log.view,
      payloads: (stream) => log.payloads(stream),
    };
    this.faults = faultMethods(
      (fault: Fault, target?: FaultTarget): AppliedFault =>
        board.apply(parseFault("fault", fault), parseTarget("target", target)),
    );
  }

  get url(): string {
    return `ws${this.secure}://${this.authority}`;
  }

  get sbeUrl(): string {
    return `ws${this.secure}://${this.authorityOf(this.#sbePort)}`;
  }

  get restUrl(): string {
    return `http${this.secure}://${this.authority}`;
  }

  account(apiKey?: string): SimAccount {
    return this.#accounts.get(apiKey);
  }

  /** Starts to listen and to move. */
  async start(): Promise<void> {
    await this.listen();
    const { sbePort, host } = this.#settings;
    this.#sbePort = await this.#sbeListener.listen(sbePort, host);
    this.#script.start();
    this.#market.start();
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#sbeListener.close()]);
  }

  #request(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#settings.control || request.url !== CONTROL_PATH) {
      this.#rest.handle(request, response);
      return;
    }
    handleControl(request, response, {
      apply: (fault, target) => this.faults.apply(fault, target),
      stats: () => this.stats(),
    }).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  }

  #route(url: URL, address: string): Destination {
    if (url.pathname === API_PATH) return this.#routeApi(url, address);
    return this.#routeMarket(url, "json");
  }

  /**
   * The streams in SBE want a key, of an Ed25519 pair (B-43). That a missing one is answered with
   * 400 and these words was seen; what the venue answers a wrong one was not (B-44).
   */
  #routeSbe(url: URL, { headers }: IncomingMessage): Destination {
    const key = headers["x-mbx-apikey"];
    const account = typeof key === "string" ? this.#accounts.find(key) : undefined;
    if (account?.settings.publicKey !== undefined && !account.revoked)
      return this.#routeMarket(url, "sbe");
    const body = key === undefined ? "No X-MBX-APIKEY header" : "Invalid X-MBX-APIKEY header";
    return { kind: "refuse", refusal: { status: 400, body }, reason: "bad-key" };
  }

  #routeMarket(url: URL, encoding: Encoding): Destination {
    const target = parseMarketTarget(url, encoding);
    if (target === undefined)
      return { kind: "refuse", refusal: { status: 404 }, reason: "bad-target" };
    if (target.streams.length > this.#settings.limits.maxStreams) {
      return {
        kind: "refuse",
        refusal: { status: 400, body: "Too many streams" },
        reason: "too-many-streams",
      };
    }
    return { kind: "session", open: (peer) => new MarketSession(peer, target, this.#marketParts) };
  }

  #routeApi(url: URL, address: string): Destination {
    const charge = this.#weights.charge(address, API_CONNECT_WEIGHT);
    if (charge.error === undefined) {
      return { kind: "session", open: (peer) => new ApiSession(peer, url, this.#apiParts) };
    }
    if (charge.bansNow) this.#reception.disconnectBanned(address);
    const refusal = { status: charge.error.status, headers: charge.headers };
    return { kind: "refuse", refusal, reason: "weight-limit" };
  }
}
