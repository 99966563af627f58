import type { VenueClock } from "../../clock.js";
import type { SimIbkrAccount } from "../account/account.js";
import type { IbkrJournal } from "../journal.js";
import type { IbkrMarket } from "../market/market.js";
import type { IbkrPeer } from "../peer.js";
import type { IbkrSettings } from "../resolve-options.js";
import type { GatewaySession } from "../session/gateway-session.js";
import type { Usher } from "../session/usher.js";
import type { IbkrOutcome } from "../stats.js";
import { type Command, parseCommand } from "./command.js";
import { HistoryFeed, parseHistory } from "./history-feed.js";
import { LadderFeed } from "./ladder-feed.js";
import { MarketLine } from "./market-line.js";
import { OrderFeed } from "./order-feed.js";
import { PeriodicFeed, summaryFrames, type SummaryRow } from "./periodic-feed.js";
import { TradeFeed } from "./trade-feed.js";

/** The parts that commands act on. */
export interface DeskParts {
  readonly settings: IbkrSettings;
  readonly clock: VenueClock;
  readonly journal: IbkrJournal;
  readonly session: GatewaySession;
  readonly market: IbkrMarket;
  readonly account: SimIbkrAccount;
  readonly usher: Usher;
  peers(): readonly IbkrPeer[];
}

/** Characters of a frame that are kept, and repeated in errors. */
const MAX_SHOWN = 2_000;

type TopicCommand = Extract<Command, { kind: "topic" }>;

/** A verb of the grammar: whether it needs a brokerage session, and what it does. */
interface Verb {
  readonly brokerage: boolean;
  run(peer: IbkrPeer, command: TopicCommand): IbkrOutcome;
}

/** Carries out what clients send (I-17). */
export class Desk {
  readonly #parts: DeskParts;
  readonly #verbs: ReadonlyMap<string, Verb>;
  readonly #refusals: Map<string, number> = new Map();
  #nextServerId = 1;
  #lastTic = 0;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    const portal = (run: Verb["run"]): Verb => ({ brokerage: false, run });
    const brokerage = (run: Verb["run"]): Verb => ({ brokerage: true, run });
    const leave = (topic: string): Verb => portal((peer) => this.#leave(peer, topic));
    this.#verbs = new Map<string, Verb>([
      ["tic", portal((peer) => this.#tic(peer))],
      ["ech", portal((peer, { args }) => this.#echo(peer, args))],
      ["smd", brokerage((peer, command) => this.#marketData(peer, command))],
      ["umd", portal((peer, { args }) => this.#leave(peer, `smd+${args[0]}`))],
      ["smh", brokerage((peer, command) => this.#history(peer, command))],
      ["umh", portal((peer, { args }) => this.#leaveHistory(peer, args[0]))],
      ["sbd", brokerage((peer, { args }) => this.#ladder(peer, args))],
      ["ubd", portal((peer, { args }) => this.#leaveLadders(peer, args[0]))],
      ["sor", brokerage((peer) => this.#orders(peer))],
      ["uor", leave("sor")],
      ["str", brokerage((peer, { options }) => this.#trades(peer, options))],
      ["utr", leave("str")],
      ["spl", portal((peer) => this.#profit(peer))],
      ["upl", leave("spl")],
      ["ssd", portal((peer, command) => this.#summary(peer, command))],
      ["usd", portal((peer, { args }) => this.#leaveSummary(peer, `ssd+${args[0]}`, "summary"))],
      ["sld", portal((peer, command) => this.#summary(peer, command))],
      ["uld", portal((peer, { args }) => this.#leaveSummary(peer, `sld+${args[0]}`, "ledger"))],
    ]);
  }

  /** Carries out one frame, and notes it. */
  handle(peer: IbkrPeer, text: string): void {
    const { journal, clock, settings } = this.#parts;
    const outcome = this.#outcome(peer, text);
    const shown = text.slice(0, MAX_SHOWN);
    journal.command({ at: clock.now(), connection: peer.id, text: shown, outcome });
    if (outcome === "unknown" || outcome === "malformed")
      this.#refuse(peer, `Topic unknown ${shown}`);
    if (outcome === "over-limit" && settings.limits.overLimit === "error")
      this.#refuse(peer, `Limit exceeded ${shown}`);
  }

  #outcome(peer: IbkrPeer, text: string): IbkrOutcome {
    const { session, usher } = this.#parts;
    const command = parseCommand(text);
    if (command.kind === "session") return usher.present(peer, command.session);
    if (!peer.authenticated) return "waiting";
    if (command.kind === "malformed") return "malformed";
    const verb = this.#verbs.get(command.verb);
    if (verb === undefined) return "unknown";
    // It beats and is awake, but nothing hangs on it any more.
    if (peer.orphaned && command.verb !== "tic" && command.verb !== "ech") return "orphaned";
    if (this.#turnsAway(command)) {
      const topic = topicOf(command);
      peer.say({ error: "unable to subscribe", code: 500, topic });
      return "refused";
    }
    if (verb.brokerage && session.state !== "brokerage") return "no-brokerage";
    return verb.run(peer, command);
  }

  /** The next so many subscriptions to this topic are refused. */
  refuseNext(topic: string, count: number): void {
    this.#refusals.set(topic, count);
  }

  /** Refuses nothing any more. */
  clear(): void {
    this.#refusals.clear();
  }

  #turnsAway(command: TopicCommand): boolean {
    const topic = topicOf(command);
    const left = this.#refusals.get(topic) ?? 0;
    if (left > 0) this.#refusals.set(topic, left - 1);
    return left > 0;
  }

  #refuse(peer: IbkrPeer, error: string): void {
    peer.say(
      this.#parts.settings.wire.errors === "topic"
        ? { topic: "error", error, code: 1 }
        : { error, code: 1 },
    );
  }

  #tic(peer: IbkrPeer): IbkrOutcome {
    const { journal, clock, session, settings } = this.#parts;
    journal.count("tics");
    // Clients tell answers apart by this time (I-23).
    this.#lastTic = Math.max(clock.wallNow(), this.#lastTic + 1);
    const answer = JSON.stringify({
      topic: "tic",
      alive: true,
      id: session.id,
      lastAccessed: this.#lastTic,
    });
    for (let left = settings.wire.ticReplies; left > 0; left--) peer.say(answer);
    return "done";
  }

  #echo(peer: IbkrPeer, args: readonly string[]): IbkrOutcome {
    if (args[0] !== "hb") return "unknown";
    peer.say("ech+hb");
    return "done";
  }

  #marketData(peer: IbkrPeer, { args, options }: TopicCommand): IbkrOutcome {
    const { settings, market, journal, session } = this.#parts;
    const conidEx = args[0] ?? "";
    const conid = contract(conidEx.replace(/@[A-Z0-9.]+$/, ""));
    const fields = texts(options["fields"] ?? []);
    if (conid === undefined || fields === undefined) return "malformed";
    const known = peer.feeds.get(`smd+${conidEx}`);
    if (known instanceof MarketLine) {
      known.request(fields);
      return "done";
    }
    if (this.#count((feed) => feed instanceof MarketLine) >= settings.limits.lines)
      return "over-limit";
    const lineSettings = {
      wire: settings.wire,
      limits: settings.limits,
      serverId: () => session.serverId,
      expired: () => journal.count("expired"),
    };
    const line = new MarketLine(conidEx, market.instrument(conid), lineSettings, peer, () =>
      peer.leave(line.topic),
    );
    line.request(fields);
    peer.follow(line);
    return "done";
  }

  #history(peer: IbkrPeer, { args, options }: TopicCommand): IbkrOutcome {
    const { settings, market } = this.#parts;
    const conid = contract(args[0] ?? "");
    const request = parseHistory(options);
    if (conid === undefined || typeof request === "string") return "malformed";
    const replaces = peer.feeds.has(`smh+${conid}`);
    if (
      !replaces &&
      this.#count((feed) => feed instanceof HistoryFeed) >= settings.limits.histories
    )
      return "over-limit";
    const serverId = String(1_000 + this.#nextServerId++);
    peer.follow(new HistoryFeed(serverId, market.instrument(conid), request, peer, settings.wire));
    return "done";
  }

  #leaveHistory(peer: IbkrPeer, serverId: string | undefined): IbkrOutcome {
    const found = [...peer.feeds.values()].find(
      (feed) => feed instanceof HistoryFeed && feed.serverId === serverId,
    );
    if (found === undefined) return "unknown";
    peer.leave(found.topic);
    peer.say({ message: `Unsubscribed ${serverId}` });
    return "done";
  }

  #ladder(peer: IbkrPeer, args: readonly string[]): IbkrOutcome {
    const { account, market } = this.#parts;
    const conid = contract(args[1] ?? "");
    if (args[0] !== account.id || conid === undefined) return "malformed";
    peer.follow(
      new LadderFeed(`sbd+${args.join("+")}`, account.id, market.instrument(conid), peer),
    );
    return "done";
  }

  #leaveLadders(peer: IbkrPeer, account: string | undefined): IbkrOutcome {
    for (const feed of [...peer.feeds.values()]) {
      if (feed instanceof LadderFeed && feed.account === account) peer.leave(feed.topic);
    }
    return "done";
  }

  #orders(peer: IbkrPeer): IbkrOutcome {
    const { settings, account } = this.#parts;
    peer.follow(
      new OrderFeed(
        peer,
        settings.wire.orderSnapshot ? account.openOrders : [],
        settings.wire.quantities,
      ),
    );
    return "done";
  }

  #trades(
    peer: IbkrPeer,
    { realtimeUpdatesOnly = false, days = 1 }: TopicCommand["options"],
  ): IbkrOutcome {
    const { settings, account } = this.#parts;
    if (typeof realtimeUpdatesOnly !== "boolean" || !(Number(days) >= 1 && Number(days) <= 7))
      return "malformed";
    peer.follow(new TradeFeed(peer, settings.wire, realtimeUpdatesOnly ? [] : account.executions));
    return "done";
  }

  #profit(peer: IbkrPeer): IbkrOutcome {
    const { settings, account } = this.#parts;
    const frame = (): object => ({
      args: {
        [`${account.id}.Core`]: {
          rowType: 1,
          dpl: account.profit,
          nl: account.netLiquidation,
          upl: account.profit,
        },
      },
    });
    peer.follow(new PeriodicFeed("spl", settings.wire.pnlMs, peer, frame));
    return "done";
  }

  #summary(peer: IbkrPeer, { verb, args, options }: TopicCommand): IbkrOutcome {
    const { settings, account, clock } = this.#parts;
    const keys = options["keys"] === undefined ? undefined : texts(options["keys"]);
    const fields = options["fields"] === undefined ? undefined : texts(options["fields"]);
    if (args[0] !== account.id) return "malformed";
    const rows = verb === "ssd" ? () => summaryRows(account) : () => ledgerRows(account);
    const frame = summaryFrames(rows, () => clock.wallNow(), { keys, fields });
    const namesTopic = verb !== "ssd" || settings.wire.summaryTopic;
    const { summaryMs } = settings.wire;
    peer.follow(new PeriodicFeed(`${verb}+${account.id}`, summaryMs, peer, frame, namesTopic));
    return "done";
  }

  #leaveSummary(peer: IbkrPeer, topic: string, name: string): IbkrOutcome {
    peer.leave(topic);
    peer.say({ result: `unsubscribed from ${name}` });
    return "done";
  }

  #leave(peer: IbkrPeer, topic: string): IbkrOutcome {
    peer.leave(topic);
    return "done";
  }

  #count(is: (feed: unknown) => boolean): number {
    return this.#parts
      .peers()
      .reduce((sum, { feeds }) => sum + [...feeds.values()].filter(is).length, 0);
  }
}

/** What a command is about, as in the venue's frames. */
function topicOf({ verb, args }: TopicCommand): string {
  return [verb, ...args].join("+");
}

function contract(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string")
    ? value
    : undefined;
}

function summaryRows(account: SimIbkrAccount): readonly SummaryRow[] {
  const money = (key: string, monetaryValue: number): SummaryRow => ({
    key: `${key}-S`,
    values: { currency: "USD", monetaryValue, severity: 0 },
  });
  return [
    money("AccruedCash", 0),
    money("AvailableFunds", account.cash),
    money("BuyingPower", 4 * account.cash),
    money("NetLiquidation", account.netLiquidation),
    money("TotalCashValue", account.cash),
  ];
}

function ledgerRows(account: SimIbkrAccount): readonly SummaryRow[] {
  return ["BASE", "USD"].map((currency) => ({
    key: `LedgerList${currency}`,
    values: {
      acctCode: account.id,
      secondKey: currency,
      cashbalance: account.cash,
      settledCash: account.cash,
      netLiquidationValue: account.netLiquidation,
      unrealizedPnl: account.profit,
    },
  }));
}
