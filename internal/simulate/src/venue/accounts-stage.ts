import { startBinanceSim } from "@oath-ws/sim";
import type { SimAccount } from "@oath-ws/sim";
import { BinanceMarket, BinanceTrading, BinanceUserData } from "@oath-ws/venue-binance";
import type { AccountEvent, AccountSnapshot } from "@oath-ws/venue-binance";
import { ed25519Signer } from "@oath-ws/venue-binance/node";
import type { TopicSnapshot } from "@oath-ws/venue-kit";
import { networkPlatform } from "oath-ws/leaf";
import { demand } from "../core/violated.js";
import { AnswerAudit } from "./answer-audit.js";
import type { AnswerAuditOptions } from "./answer-audit.js";
import { OrderAudit } from "./order-audit.js";
import type { Stage, StageParts } from "./stage.js";
import { recordOf } from "./venue-record.js";
import { stagedTopic } from "./staged-topic.js";
import { COMMON_FAULTS } from "./venue-generator.js";
import type { VenueFaultMakers } from "./venue-generator.js";

/** Nothing numbers the events of an account, so one that is lost on the way cannot be noticed. */
const UNNOTICED = new Set(["drop", "reorder", "mute", "bad-utf8", "oversized"]);

export const ACCOUNT_FAULTS: VenueFaultMakers = {
  ...Object.fromEntries(Object.entries(COMMON_FAULTS).filter(([kind]) => !UNNOTICED.has(kind))),
  expire: () => ({}),
  "server-shutdown": (draw) => ({ closeAfterMs: draw.spread(1, 20_000) }),
  "terminate-user-data": (draw) => ({ count: draw.whole(1, 3) }),
  "order-trouble": (draw) => ({
    trouble: draw.of([
      "answer-lost",
      "request-lost",
      "reset-after",
      "reset-before",
      "answer-late",
      "request-late",
      "slow",
    ]),
    delayMs: draw.spread(100, 30_000),
    count: draw.whole(1, 3),
  }),
};

/** How orders and their answers look in the venue's API. */
const ORDER_ANSWERS: Pick<AnswerAuditOptions, "orderOf" | "answerOf"> = {
  orderOf: ({ method, params }) =>
    method === "order.place"
      ? String((params as { readonly newClientOrderId?: unknown }).newClientOrderId)
      : undefined,
  answerOf: ({ id, status }) =>
    typeof status === "number" ? { id, kind: status === 200 ? "answered" : "refused" } : undefined,
};

const ORDER = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  price: "10000.00",
  quantity: "0.00100",
} as const;

/** A named situation. */
export const ENDED_ON_BOTH = "a session ends on both connections of a renewal";

/** The account's topic, by a name of our own. */
const ACCOUNT = "account";

const SYMBOLS = ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SIMUSDT", "ALTUSDT", "OLDUSDT"];

/** An account with its stream and its orders, beside eighteen topics of the market. */
export async function accountsStage(parts: StageParts): Promise<Stage> {
  const { seed, network, venue, runtime, narrow, onFault, reach } = parts;
  const sim = await startBinanceSim({
    seed,
    host: venue.name,
    platform: networkPlatform(venue),
    symbols: SYMBOLS,
    market: { auto: false, levels: 10, changesPerStep: 2 },
  });
  const account = sim.account();
  const { apiKey, privateKey } = account;
  const { url, restUrl } = sim;
  const credentials = { apiKey, sign: ed25519Signer(privateKey ?? ""), recvWindow: 5_000 };
  const market = new BinanceMarket({ runtime, url, restUrl, maxStreamsPerConnection: 9, onFault });
  const topics = SYMBOLS.flatMap((symbol) =>
    (["trade", "aggTrade", "kline_1m"] as const).map((stream) =>
      stagedTopic(market.subscribe(`${symbol.toLowerCase()}@${stream}`)),
    ),
  );
  const user = new BinanceUserData({ runtime: narrow, url, restUrl, credentials, onFault });
  const trading = new BinanceTrading({ runtime, url, restUrl, credentials, onFault });
  const known = new KnownAccount(account);
  const orders = new OrderAudit(
    {
      newClientId: () => trading.newClientId(),
      place: (newClientOrderId) => trading.place({ ...ORDER, newClientOrderId }),
      clientIds: () => account.orders.map((order) => order["clientOrderId"]),
    },
    reach,
  );
  const answers = new AnswerAudit({
    ...ORDER_ANSWERS,
    network,
    port: sim.port,
    delivered: (clientId, kind) => orders.delivered(clientId, kind),
    reach,
  });
  answers.watch();
  const record = recordOf(
    sim,
    ({ subscriptions }) =>
      subscriptions.map(({ connection, endpoint, streams }) => ({
        connection,
        // A connection of the API is subscribed to the one account, under numbers.
        topics: endpoint === "ws-api" && streams.length > 0 ? [ACCOUNT] : streams,
      })),
    [{ text: "eventStreamTerminated", ends: (topic) => topic === ACCOUNT }],
  );
  const held = { name: "account", topic: ACCOUNT, state: user.state };
  const apply = (fault: { readonly kind: string }): void => {
    if (fault.kind === "terminate-user-data") {
      const open = record.subscribed().filter((one) => one.topics.includes(ACCOUNT));
      if (open.length > 1) reach(ENDED_ON_BOTH);
    }
    // Of the market's connections and of the account's in turn.
    sim.faults.apply(fault as never, { endpoint: "all" } as never);
  };
  return {
    topics,
    books: [],
    others: [held, { name: "trading", state: trading.state }],
    groups: [
      { holds: topics, connections: () => market.connections, record },
      { holds: [held], connections: () => user.connections, record },
    ],
    step: () => {
      sim.market.step();
      account.act(1);
    },
    act: () => orders.place(),
    check: (isEnd) => {
      for (let update = user.take(); update !== undefined; update = user.take()) {
        if (update.data.kind === "event") known.event(update.data.event);
        else known.snapshot(update.data.account, user.state.snapshot.recoveries);
      }
      known.checkRecovery(user.state.snapshot);
      known.check(user.state.snapshot.phase, isEnd);
      if (isEnd) orders.checkEnd();
    },
    apply,
    renew: () => user.renew(),
    sendLimit: { max: 5, windowMs: 1_000, path: "/stream" },
    broken: () => {
      const { weightViolations, connectViolations, protocolErrors } = sim.stats();
      const broken = { weightViolations, connectViolations, protocolErrors };
      const names = Object.entries(broken).filter(([, count]) => count > 0);
      return names.map(([name, count]) => `${count} ${name}`).join(", ");
    },
    ends: [
      () => market.shutdown(),
      () => user.shutdown(),
      () => trading.shutdown(),
      () => sim.close(),
    ],
  };
}

/** What a reader of the account's stream knows, from snapshots and events alone. */
class KnownAccount {
  readonly #account: SimAccount;
  readonly #orders = new Map<number, string>();
  readonly #balances = new Map<string, string>();
  /** The newest event of the venue's record that was read, after the last snapshot. */
  #newest = 0;
  /** Executions that were told, by their ids. */
  readonly #told = new Set<number>();
  #checked = 0;
  /** How many recoveries there had been with the last snapshot. */
  #reconciled: number | undefined;
  /** The venue's record by text, and how far it has been read. */
  readonly #indices = new Map<string, number>();
  #noted = 0;

  constructor(account: SimAccount) {
    this.#account = account;
  }

  /** It was asked for since it recovered last, before it said live. */
  checkRecovery({ phase, recoveries }: TopicSnapshot): void {
    demand(
      phase !== "live" || recoveries === this.#reconciled,
      "a live account was asked for since it recovered",
      () => `recovery ${recoveries}, and ${this.#reconciled} was the last one with a snapshot`,
    );
  }

  snapshot({ balances, openOrders }: AccountSnapshot, recoveries: number): void {
    this.#reconciled = recoveries;
    this.#newest = 0;
    this.#orders.clear();
    for (const { orderId, status, executedQty } of openOrders)
      this.#orders.set(orderId, `${status} ${executedQty}`);
    this.#balances.clear();
    for (const { asset, free, locked } of balances) this.#balances.set(asset, `${free} ${locked}`);
  }

  event(event: AccountEvent): void {
    const text = JSON.stringify(event);
    const index = this.#indexOf(text);
    demand(index !== undefined, "an event of an account is the venue's", () => text);
    this.#newest = index ?? 0;
    if (event.e === "executionReport") {
      demand(!this.#told.has(event.I), "no execution is told twice", () => text);
      this.#told.add(event.I);
    }
    switch (event.e) {
      case "executionReport":
        if (event.X === "NEW" || event.X === "PARTIALLY_FILLED")
          this.#orders.set(event.i, `${event.X} ${event.z}`);
        else this.#orders.delete(event.i);
        return;
      case "outboundAccountPosition":
        for (const { a, f, l } of event.B) this.#balances.set(a, `${f} ${l}`);
        return;
      default:
    }
  }

  #indexOf(text: string): number | undefined {
    const { events } = this.#account;
    for (; this.#noted < events.length; this.#noted++) {
      const one = events[this.#noted];
      if (one !== undefined) this.#indices.set(JSON.stringify(one.event), one.index);
    }
    return this.#indices.get(text);
  }

  /** Compares when the newest event of the venue was read: nothing before it may be missing. */
  check(phase: string, isEnd: boolean): void {
    const newest = this.#account.events.at(-1)?.index ?? 0;
    if (phase !== "live" || (!isEnd && (this.#newest !== newest || this.#checked === newest)))
      return;
    this.#checked = newest;
    const theirs = this.#account
      .openOrders()
      .map(
        (order) =>
          `${String(order["orderId"])} ${String(order["status"])} ${String(order["executedQty"])}`,
      )
      .sort();
    const ours = [...this.#orders].map(([id, state]) => `${id} ${state}`).sort();
    demand(
      ours.join("\n") === theirs.join("\n"),
      "a live account equals the venue's",
      () => `open orders: ${ours.join(", ")}; the venue has ${theirs.join(", ")}`,
    );
    for (const [asset, { free, locked }] of Object.entries(this.#account.balances()))
      demand(
        this.#balances.get(asset) === `${free} ${locked}`,
        "a live account equals the venue's",
        () => `${asset}: ${this.#balances.get(asset)}; the venue has ${free} ${locked}`,
      );
  }
}
