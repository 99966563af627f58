import { asChoice, asInteger, asText } from "../check.js";
import { optional, resolve } from "../option-rules.js";
import { SentLog } from "../record.js";
import { VenueClock } from "../clock.js";
import { FaultScript } from "../faults/fault-script.js";
import { UpgradeFaults } from "../faults/upgrade-faults.js";
import { SeededRandom } from "../random.js";
import { SimVenue, type VenueParts } from "../sim-venue.js";
import { Listener } from "../wire/listener.js";
import { type IbkrAccount, SimIbkrAccount } from "./account/account.js";
import { ibkrFaultBoard } from "./fault-board.js";
import {
  type IbkrFault,
  type IbkrFaults,
  ibkrFaults,
  parseIbkrFault,
  parseIbkrTarget,
} from "./ibkr-fault.js";
import type {
  IbkrNotification,
  IbkrSim,
  IbkrSimMarket,
  IbkrSimRecord,
  IbkrSimSession,
} from "./ibkr-sim.js";
import { IbkrJournal } from "./journal.js";
import type { Instrument } from "./market/instrument.js";
import { IbkrMarket } from "./market/market.js";
import type { IbkrFaultTarget } from "./options.js";
import { IbkrReception } from "./reception.js";
import type { IbkrSettings } from "./resolve-options.js";
import { Gateway } from "./rest/gateway.js";
import { Pacing } from "./rest/pacing.js";
import { GatewaySession } from "./session/gateway-session.js";
import { identify } from "./session/identify.js";
import { Usher } from "./session/usher.js";
import type { IbkrAppliedFault, IbkrSimStats } from "./stats.js";
import { Desk } from "./topics/desk.js";
import type { Feed } from "./topics/feed.js";

/** Puts the parts of the simulated gateway together. */
export class IbkrVenue extends SimVenue<IbkrSimStats> implements IbkrSim {
  readonly session: IbkrSimSession;
  readonly market: IbkrSimMarket;
  readonly account: IbkrAccount;
  readonly record: IbkrSimRecord;
  readonly faults: IbkrFaults;
  protected readonly parts: VenueParts<IbkrSimStats>;
  readonly #settings: IbkrSettings;
  readonly #clock: VenueClock;
  readonly #log: SentLog;
  readonly #session: GatewaySession;
  readonly #market: IbkrMarket;
  readonly #reception: IbkrReception;
  readonly #usher: Usher;
  readonly #script: FaultScript<IbkrFault>;
  #nextBeat = 0;

  constructor(settings: IbkrSettings) {
    super();
    const clock = new VenueClock(settings);
    const random = new SeededRandom(settings.seed);
    const now = (): number => clock.wallNow();
    const peers = (): IbkrReception["peers"] => this.#reception.peers;
    const journal = new IbkrJournal(
      () => ({
        session: this.#session.state,
        brokerageSessions: this.#session.brokerageSessions,
        subscriptions: this.#reception.subscriptions,
      }),
      clock.timer,
    );
    const session = new GatewaySession(
      settings.session,
      clock,
      random.fork("session"),
      (from, to, silent) => this.#usher.changed(from, to, silent),
    );
    const market = new IbkrMarket(settings.market, random.fork("market"), clock, (instrument) =>
      this.#moved(instrument),
    );
    const account = new SimIbkrAccount(settings.account.id, market, now, (change) =>
      this.#publish(change.kind === "order" ? ["sor"] : ["str"], change.number, (feed) =>
        feed.changed?.(change),
      ),
    );
    const pacing = new Pacing(settings.pacing, clock);
    const upgrades = new UpgradeFaults();
    const gateway = new Gateway({ settings, clock, journal, session, account, pacing });
    const usher = new Usher(settings, session, journal, peers);
    const desk = new Desk({ settings, clock, journal, session, market, account, usher, peers });
    this.#settings = settings;
    this.#clock = clock;
    this.#log = new SentLog(settings.record.frames);
    this.#session = session;
    this.#market = market;
    this.#usher = usher;
    this.#reception = new IbkrReception(
      {
        settings,
        clock,
        journal,
        log: this.#log,
        command: (peer, text) => desk.handle(peer, text),
        eventSent: (peer) => this.#script.eventSent(peer),
      },
      upgrades,
      {
        identify: (request) => identify(request, session, settings.session),
        closed: () =>
          session.state === "logged-out" && settings.wire.loggedOut === "refuse"
            ? { status: 401 }
            : undefined,
        welcome: (peer, login) => usher.welcome(peer, login),
      },
    );
    const { penaltyMs } = settings.pacing;
    const parts = {
      journal,
      onFault: settings.onFault,
      session,
      market,
      gateway,
      desk,
      pacing,
      upgrades,
      penaltyMs,
      now: () => clock.now(),
      peers,
    };
    const board = ibkrFaultBoard(parts);
    const apply = (fault: IbkrFault, target?: IbkrFaultTarget): IbkrAppliedFault =>
      board.apply(parseIbkrFault("fault", fault), parseIbkrTarget("target", target));
    this.faults = ibkrFaults(apply);
    this.#script = new FaultScript(
      settings.script,
      clock,
      (fault, { connection }) =>
        void board.apply(fault, connection === undefined ? {} : { connection }),
    );
    const listener = new Listener(
      {
        request: (request, response) => void gateway.handle(request, response),
        upgrade: (request, socket, head) => this.#reception.upgrade(request, socket, head),
      },
      { clock, settings },
    );
    this.parts = { settings, clock, journal, market, reception: this.#reception, listener };
    this.account = account;
    this.session = sessionView(session, settings);
    this.market = marketView(market);
    this.record = {
      ...this.#log.view,
      frames: (connection, topic) => this.#log.payloads(`${connection} ${topic}`),
    };
  }

  get url(): string {
    return this.#address(`http${this.secure}`);
  }

  get wsUrl(): string {
    return `${this.#address(`ws${this.secure}`)}/ws`;
  }

  notify(notification: IbkrNotification): void {
    resolve<IbkrNotification>("notification", notification, {
      id: asText,
      title: asText,
      text: asText,
      url: optional(asText),
    });
    const { notifications } = this.#settings.wire;
    this.#announce({
      topic: "ntf",
      args: notifications === "list" ? [notification] : notification,
    });
  }

  bulletin(message: string): void {
    this.#announce({ topic: "blt", args: { id: "", message: asText("message", message) } });
  }

  /** Starts to listen and to move. */
  async start(): Promise<void> {
    await this.listen();
    this.#session.start();
    this.#script.start();
    this.#awaitBeat();
    this.#market.start();
  }

  #address(scheme: string): string {
    return `${scheme}://${this.authority}/v1/api`;
  }

  /** Heartbeats fall on a grid of the venue's, whenever a client connected (I-21). */
  #awaitBeat(): void {
    const { heartbeatMs } = this.#settings.wire;
    // A timer may fire a little early: the next beat is never the one that was just given.
    const now = this.#clock.now();
    this.#nextBeat = Math.max(
      this.#nextBeat + heartbeatMs,
      Math.ceil(now / heartbeatMs) * heartbeatMs,
    );
    this.#clock.after(this.#nextBeat - now, () => {
      this.#usher.heartbeat(this.#clock.wallNow());
      this.#awaitBeat();
    });
  }

  #moved(instrument: Instrument): void {
    const topics: string[] = [];
    for (const { feeds } of this.#reception.peers)
      for (const { conid, topic } of feeds.values())
        if (conid === instrument.conid) topics.push(topic);
    this.#publish(topics, instrument.updates, (feed) => feed.moved?.(instrument));
  }

  /**
   * Notes what is published on topics that are followed, and lets every feed send its part of
   * it.
   */
  #publish(topics: readonly string[], number: number, tell: (feed: Feed) => void): void {
    const { peers } = this.#reception;
    for (const topic of new Set(topics)) {
      if (peers.some(({ feeds }) => feeds.has(topic)))
        this.#log.published(topic, { first: number, last: number });
    }
    for (const { feeds } of peers) for (const feed of [...feeds.values()]) tell(feed);
  }

  #announce(message: object): void {
    if (this.#session.state !== "brokerage") return;
    for (const peer of this.#reception.peers) {
      if (peer.authenticated && !peer.orphaned) peer.say(message);
    }
  }
}

function sessionView(session: GatewaySession, settings: IbkrSettings): IbkrSimSession {
  const { oauthToken, sessionToken } = settings.session;
  return {
    get state() {
      return session.state;
    },
    get id() {
      return session.id;
    },
    oauthToken,
    sessionToken,
    login: (authenticated) => session.login(authenticated),
  };
}

function marketView(market: IbkrMarket): IbkrSimMarket {
  return {
    get steps() {
      return market.steps;
    },
    step: (count = 1) => market.step(asInteger("count", count)),
    quote: (conid) => market.instrument(asInteger("conid", conid)).values(),
    setState: (conid, state) =>
      market.setState(conid, asChoice("state", state, ["trading", "closed", "halted"])),
  };
}
