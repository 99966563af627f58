import { VirtualSeat, VirtualVenue } from "@oath-ws/testing/venue";
import type { VirtualVenueOptions } from "@oath-ws/testing/venue";
import type { MockPeer, World } from "@oath-ws/testing";
import { KrakenBook } from "./kraken-book.js";
import type { BookData } from "./kraken-book.js";

interface Request {
  readonly method: string;
  readonly req_id?: number;
  readonly params?: {
    readonly channel: string;
    readonly symbol: readonly string[];
    readonly depth?: number;
    readonly snapshot?: boolean;
  };
}

interface Trade {
  readonly trade_id: number;
  readonly [field: string]: unknown;
}

const HEARTBEAT_MS = 1_000;
/** Trades in a snapshot (K-8). */
const SNAPSHOT_TRADES = 50;
const NAMES = "price|qty|bid|bid_qty|ask|ask_qty|last|volume|vwap|low|high|change|change_pct";
const DECIMALS = new RegExp(`"(${NAMES})":"([^"]+)"`, "g");

/** A connection of a client. */
export class KrakenSeat extends VirtualSeat {
  /** Topics by name, with the depth of books. */
  readonly held: Map<string, number> = new Map<string, number>();
  /** Requests as they came: `subscribe trade BTC/USD,ETH/USD`. */
  readonly requests: string[] = [];
  readonly #sim: KrakenSim;
  #spokeAt = 0;
  #hasSubscribed = false;

  constructor(peer: MockPeer, world: World, sim: KrakenSim) {
    super(peer, world);
    this.#sim = sim;
    this.tell("status", "update", [{ system: sim.system, api_version: "v2", version: "2.0.0" }]);
    this.every(HEARTBEAT_MS / 4, () => {
      // Only once something was subscribed, and in the absence of anything else (K-5).
      if (this.#hasSubscribed && world.timer.now() - this.#spokeAt >= HEARTBEAT_MS)
        this.say({ channel: "heartbeat" });
    });
  }

  /** Decimals go out as JSON numbers with all their digits (K-7). */
  override say(message: unknown): boolean {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    const isSent = super.say(text.replace(DECIMALS, '"$1":$2'));
    if (isSent) {
      this.#spokeAt = this.world.timer.now();
      this.#sim.framesSent++;
    }
    return isSent;
  }

  tell(channel: string, type: string, data: readonly unknown[]): boolean {
    return this.say({ channel, type, data });
  }

  protected override heard(text: string): void {
    const { method, params, req_id } = JSON.parse(text) as Request;
    if (method === "ping") this.say({ method: "pong", req_id });
    if (params === undefined) return;
    const { channel, symbol: symbols, depth = 10, snapshot = channel !== "trade" } = params;
    this.requests.push(`${method} ${channel} ${symbols.join(",")}`);
    const answered = this.#sim.answersOnlyFirst ? symbols.slice(0, 1) : symbols;
    for (const symbol of symbols) {
      const error = this.#change(method, `${channel}:${symbol}`, depth);
      if (answered.includes(symbol))
        this.say(
          error === undefined
            ? { method, req_id, result: { channel, symbol }, success: true }
            : { method, req_id, error, symbol, success: false },
        );
      if (method === "subscribe" && error === undefined && snapshot)
        this.#snapshot(channel, symbol, depth);
    }
  }

  /** Does what is asked for one symbol; returns why not (K-4). */
  #change(method: string, topic: string, depth: number): string | undefined {
    const symbol = topic.slice(topic.indexOf(":") + 1);
    const error = this.#sim.refuses(topic);
    if (error !== undefined) return error;
    if (!this.#sim.symbols.has(symbol)) return `Currency pair not supported ${symbol}`;
    if (method === "unsubscribe") return this.held.delete(topic) ? undefined : "Not subscribed";
    if (this.held.has(topic)) return "Already subscribed";
    this.held.set(topic, depth);
    this.#hasSubscribed = true;
    return undefined;
  }

  #snapshot(channel: string, symbol: string, depth: number): void {
    if (channel === "trade") {
      const trades = this.#sim.tradesOf(symbol).slice(-SNAPSHOT_TRADES);
      if (trades.length > 0) this.tell("trade", "snapshot", trades);
    } else if (channel === "book")
      this.#sim.tellBook(this, "snapshot", this.#sim.bookOf(symbol).snapshot(depth));
    else this.tell("ticker", "snapshot", [this.#sim.tickerOf(symbol)]);
  }
}

/** A small Kraken in virtual time, with a switch for everything that it may do to a client. */
export class KrakenSim extends VirtualVenue<KrakenSeat> {
  readonly symbols: ReadonlySet<string>;
  /** The state of the trading engine (K-6). */
  system = "online";
  framesSent = 0;
  /** Answers only for the first symbol of each request, although it carries all out. */
  answersOnlyFirst = false;
  /** Why a topic is refused; `undefined`: it is not. */
  refuses: (topic: string) => string | undefined = () => undefined;
  /** So many further book messages have a wrong checksum. */
  wrongChecksums = 0;
  readonly #trades = new Map<string, Trade[]>();
  readonly #books = new Map<string, KrakenBook>();

  constructor(symbols: readonly string[], options: VirtualVenueOptions = {}) {
    super((peer, world) => new KrakenSeat(peer, world, this), options);
    this.symbols = new Set(symbols);
  }

  /** The trading engine changes its state, and says so on every connection. */
  enter(system: string): void {
    this.system = system;
    for (const seat of this.open) seat.tell("status", "update", [{ system, api_version: "v2" }]);
  }

  /** Trades that happen one after the other, each in a message of its own. */
  trade(symbol: string, count = 1): void {
    const trades = this.#list(symbol);
    for (let more = 0; more < count; more++) {
      const trade = {
        symbol,
        side: "buy",
        price: "100.0",
        qty: "0.10000000",
        ord_type: "limit",
        trade_id: trades.length + 1,
        timestamp: new Date(this.world.timer.wallNow()).toISOString(),
      };
      trades.push(trade);
      for (const seat of this.#holding(`trade:${symbol}`)) seat.tell("trade", "update", [trade]);
    }
  }

  /** The book of a symbol moves, and its best prices may. */
  move(symbol: string): void {
    const seats = this.#holding(`book:${symbol}`);
    const depthOf = (seat: KrakenSeat): number => seat.held.get(`book:${symbol}`) ?? 0;
    const told = this.bookOf(symbol).move(new Set(seats.map(depthOf)));
    for (const seat of seats) {
      const data = told.get(depthOf(seat));
      if (data !== undefined) this.tellBook(seat, "update", data);
    }
    for (const seat of this.#holding(`ticker:${symbol}`))
      seat.tell("ticker", "update", [this.tickerOf(symbol)]);
  }

  tellBook(seat: KrakenSeat, type: "snapshot" | "update", data: BookData): void {
    const isWrong = this.wrongChecksums > 0 && this.wrongChecksums-- > 0;
    const checksum = isWrong ? (data.checksum + 1) % 2 ** 32 : data.checksum;
    seat.tell("book", type, [{ ...data, checksum }]);
  }

  /** Attempts to connect beyond the 150 of any ten minutes (K-12). */
  get violations(): number {
    return this.attempts.filter(({ atMs }, index) => {
      const before = this.attempts[index - 150];
      return before !== undefined && atMs - before.atMs < 600_000;
    }).length;
  }

  tradesOf(symbol: string): readonly Trade[] {
    return this.#list(symbol);
  }

  bookOf(symbol: string): KrakenBook {
    const book = this.#books.get(symbol) ?? new KrakenBook(symbol, () => this.world.random.next());
    this.#books.set(symbol, book);
    return book;
  }

  tickerOf(symbol: string): object {
    const { bids, asks } = this.bookOf(symbol).snapshot(1);
    return {
      symbol,
      bid: bids[0]?.price,
      bid_qty: bids[0]?.qty,
      ask: asks[0]?.price,
      ask_qty: asks[0]?.qty,
      last: "100.0",
      volume: "12.30000000",
      vwap: "100.0",
      low: "99.0",
      high: "101.0",
      change: "-0.5",
      change_pct: "-0.50",
    };
  }

  #list(symbol: string): Trade[] {
    const trades = this.#trades.get(symbol) ?? [];
    this.#trades.set(symbol, trades);
    return trades;
  }

  #holding(topic: string): readonly KrakenSeat[] {
    return this.open.filter(({ held }) => held.has(topic));
  }
}
