import type { ReceivedFrame } from "@oath-ws/contract";
import type { Command, EpochContext, Grammar, Inbox } from "@oath-ws/venue-kit";
import { Account } from "./account.js";
import type { AccountKind } from "./account.js";
import type { BrokerageLogin } from "./brokerage-login.js";
import { CANCELS } from "./cancels.js";
import { list, parse, unknownFrame } from "./frame-outline.js";
import type { Message } from "./frame-outline.js";
import type { Greeting } from "./greeting.js";
import { Histories } from "./histories.js";
import type { MarketLines } from "./market-lines.js";
import type { QuietWindow } from "./quiet-window.js";
import { QuoteBook } from "../market/quote-book.js";
import type { RowMerge } from "./row-merge.js";
import type { SessionBinding } from "./session-binding.js";
import { summaryOwner } from "./summary-owner.js";
import { suspects } from "./suspects.js";
import { isKind, kindOf, parseTopicName, rulesOf } from "./topic-name.js";
import type { TopicRequests } from "./topic-requests.js";
import { topicRefused, venueFault } from "./venue-fault.js";
import type { Trade } from "../market/payloads.js";
import { readStatus } from "../session/session-bodies.js";

/** What a {@link Dialect} acts on. */
export interface DialectParts {
  readonly connection: EpochContext;
  readonly requests: TopicRequests;
  readonly lines: MarketLines;
  readonly login: BrokerageLogin;
  readonly greeting: Greeting;
  readonly quiet: QuietWindow;
  readonly binding: SessionBinding;
  readonly trades: RowMerge<Trade>;
  readonly fault: (error: unknown) => void;
}

/** Topics that are put together of several frames, or tell again what there was. */
const PARTIAL: ReadonlySet<string> = new Set(["smd", "str", "ssd", "sld"]);

/** The venue's language on one connection (I-17). */
export class Dialect implements Grammar {
  readonly #parts: DialectParts;
  readonly #quotes = new QuoteBook();
  readonly #histories = new Histories();
  readonly #account: Account;
  /**
   * Topics that were asked for on this connection, with the command that waits for their first
   * frame.
   */
  readonly #asked = new Map<string, number | undefined>();
  #nextSeq: number | undefined;

  constructor(parts: DialectParts) {
    this.#parts = parts;
    this.#account = new Account(parts.trades);
  }

  /** Histories that were cancelled and hold a place at the venue for as long as it stands. */
  get orphanHistories(): number {
    return this.#parts.connection.isOpen ? this.#histories.orphans : 0;
  }

  /** The venue has nothing of us any more of what hangs on the brokerage session. */
  sessionLost(): void {
    for (const topic of this.#asked.keys()) if (rulesOf(topic).session) this.#asked.delete(topic);
    this.#account.sessionLost();
    this.#histories.clear();
    this.#quotes.clear();
    this.#parts.lines.clear();
  }

  /** Asks again for a line that was asked for: it brings a snapshot, and no break. */
  again(topic: string): void {
    const { connection, requests } = this.#parts;
    if (connection.isOpen && this.#asked.has(topic) && requests.has(topic))
      connection.say(this.#words(topic));
  }

  /**
   * Asks again for a line that has fallen silent. Whatever was known of it is old: the snapshot is
   * an event, also if it says the same.
   */
  revive(topic: string): void {
    if (kindOf(topic) !== "smd") return;
    this.#quotes.forget(topic);
    this.again(topic);
  }

  isAnswered({ kind, topics: [topic = ""] }: Command): boolean {
    return kind === "subscribe" && rulesOf(topic).answered;
  }

  /** What the venue does not answer counts as subscribed when no refusal came. */
  quietMs({ kind }: Command): number {
    return kind === "subscribe" ? this.#parts.quiet.waitMs : 0;
  }

  /** The kit asks for one topic at a time: the venue's commands name one. */
  encode({ id, kind, topics: [topic = ""], isResync }: Command): string | undefined {
    // What is asked for again comes as a whole, without having been cancelled.
    if (!rulesOf(topic).command || (kind === "unsubscribe" && isResync === true)) return undefined;
    if (kind === "unsubscribe") return this.#cancel(topic);
    this.#asked.set(topic, id);
    this.#parts.quiet.asked(topic);
    return this.#words(topic);
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    if (this.#nextSeq !== undefined && frame.seq !== this.#nextSeq) this.#missed(() => true, inbox);
    this.#nextSeq = frame.seq + 1;
    try {
      this.#read(parse(frame.text()), frame, inbox);
    } catch (error) {
      const isConcerned = suspects(frame.text());
      this.#missed(isConcerned, inbox);
      inbox.unreadable(isConcerned, error);
    }
  }

  #read(message: Message, frame: ReceivedFrame, inbox: Inbox): void {
    const { topic } = message;
    if (typeof topic !== "string") {
      this.#bare(message, frame, inbox);
      return;
    }
    const kind = kindOf(topic);
    if (typeof message["error"] === "string") {
      if (this.#asked.has(topic)) this.#refused(topic, message, inbox);
      else this.#error(message, frame);
      return;
    }
    if (!isKind(kind)) {
      this.#other(kind, message, frame, inbox);
      return;
    }
    switch (kind) {
      case "smd":
        this.#quote(this.#lineOf(topic, message), message, inbox);
        break;
      case "smh":
        this.#history(topic, message, inbox);
        break;
      case "sbd":
        this.#ladder(this.#ladderOf(topic), message, inbox);
        break;
      case "system":
        this.#system(message, inbox);
        break;
      case "sts":
        inbox.event(topic, message["args"] ?? {});
        this.#status(message["args"], inbox);
        break;
      case "act":
      case "ntf":
      case "blt":
      case "sor":
      case "str":
      case "spl":
      case "ssd":
      case "sld":
        this.#accountEvents(kind, topic, message, inbox);
        break;
      default:
        kind satisfies never;
    }
  }

  /**
   * Frames that are of no topic: acknowledgements that no caller waits for, errors, and the demand
   * for a session.
   */
  #bare(message: Message, frame: ReceivedFrame, inbox: Inbox): void {
    if ("error" in message) {
      this.#error(message, frame);
    } else if (message["message"] === "waiting for session") {
      this.#parts.greeting.asked();
    } else if (Array.isArray(message["result"])) {
      this.#summary(message["result"], message, inbox);
    } else if (typeof message["message"] !== "string" && typeof message["result"] !== "string") {
      throw unknownFrame();
    }
  }

  #other(kind: string, message: Message, frame: ReceivedFrame, inbox: Inbox): void {
    if (kind === "error") this.#error(message, frame);
    // With a topic that we do not know nothing is lost that a subscriber wants.
    else if (kind !== "tic") this.#parts.fault(unknownFrame());
    // Each `tic` has four equal answers (I-23): they say that the venue speaks, and no more.
    else inbox.beat();
  }

  #status(args: unknown, inbox: Inbox): void {
    // What an ended connection left behind says nothing of the session that is now.
    if (!this.#parts.connection.isOpen) return;
    this.#parts.login.status(args, inbox);
    this.#parts.binding.status(readStatus(args).authenticated);
  }

  /** Only the topic is concerned: what was put together of other frames stays. */
  #refused(topic: string, message: Message, inbox: Inbox): void {
    const { error, verdict } = topicRefused(message);
    this.#asked.delete(topic);
    this.#parts.quiet.refused(topic);
    this.#parts.fault(error);
    inbox.topicRefused(topic, error, verdict);
  }

  #error(message: Message, { receivedAt }: ReceivedFrame): void {
    if (!this.#parts.greeting.isBenign(receivedAt)) this.#parts.fault(venueFault(message));
  }

  #system(message: Message, inbox: Inbox): void {
    const { success, hb, isPaper } = message;
    if (typeof hb === "number") {
      // Its own time is of another clock (I-22): only its arrival counts.
      inbox.beat();
      inbox.event("system", { kind: "heartbeat", venueTime: hb });
    } else if (typeof success === "string") {
      this.#parts.greeting.done();
      inbox.greeted();
      inbox.event("system", {
        kind: "greeting",
        username: success,
        isPaper: typeof isPaper === "boolean" ? isPaper : undefined,
      });
    }
  }

  #quote(topic: string, message: Message, inbox: Inbox): void {
    // What comes after it was cancelled, or is left of an earlier connection, must not be added to
    // what comes next.
    if (!this.#asked.has(topic)) return;
    const quote = this.#quotes.merge(topic, message);
    this.#answered(topic, inbox);
    if (quote !== undefined) inbox.event(topic, quote);
  }

  #history(topic: string, message: Message, inbox: Inbox): void {
    const { serverId, topic: _topic, ...event } = message;
    if (typeof serverId !== "string" && typeof serverId !== "number") throw unknownFrame();
    const verdict = this.#histories.judge(topic, String(serverId));
    if (verdict.kind === "over") {
      if (verdict.say !== undefined) this.#parts.connection.say(verdict.say);
      return;
    }
    const data = list(event["data"]);
    this.#answered(topic, inbox);
    inbox.event(topic, { ...event, data });
  }

  #ladder(topic: string, message: Message, inbox: Inbox): void {
    const data = list(message["data"]);
    this.#answered(topic, inbox);
    inbox.event(topic, { data });
  }

  #accountEvents(kind: AccountKind, topic: string, message: Message, inbox: Inbox): void {
    const events = this.#account.read(kind, topic, message);
    this.#answered(topic, inbox);
    for (const event of events) inbox.event(topic, event);
  }

  /** The documented summary names no topic. */
  #summary(rows: readonly unknown[], message: Message, inbox: Inbox): void {
    const topic = summaryOwner(rows, this.#asked.keys());
    if (topic === undefined) throw unknownFrame();
    const kind = kindOf(topic) === "sld" ? "sld" : "ssd";
    this.#accountEvents(kind, topic, message, inbox);
  }

  /** The first frame of a topic is the answer to its command. */
  #answered(topic: string, inbox: Inbox): void {
    const id = this.#asked.get(topic);
    if (id === undefined) return;
    this.#asked.set(topic, undefined);
    this.#parts.quiet.over(topic);
    inbox.confirmed(id);
  }

  #cancel(topic: string): string | undefined {
    const { kind } = parseTopicName(topic);
    this.#asked.delete(topic);
    this.#parts.quiet.over(topic);
    if (kind === "smd") {
      this.#quotes.forget(topic);
      this.#parts.lines.drop(topic);
    }
    return kind === "smh"
      ? this.#histories.end(topic)
      : CANCELS[kind]?.(topic.slice(kind.length + 1));
  }

  #words(topic: string): string {
    if (kindOf(topic) === "smd") this.#parts.lines.asked(topic);
    return this.#parts.requests.words(topic);
  }

  /** Frames are missing: what is put together of several is asked for again. */
  #missed(isConcerned: (topic: string) => boolean, inbox: Inbox): void {
    this.#account.missed(isConcerned);
    for (const topic of this.#asked.keys()) {
      if (!isConcerned(topic)) continue;
      this.#quotes.forget(topic);
      if (PARTIAL.has(kindOf(topic))) inbox.resync(topic);
    }
  }

  /**
   * Under which name a line was asked for: with an exchange, it is not documented which one its
   * frames bear.
   */
  #lineOf(topic: string, { conidEx }: Message): string {
    const other = typeof conidEx === "string" ? `smd+${conidEx}` : topic;
    return !this.#asked.has(topic) && this.#asked.has(other) ? other : topic;
  }

  /** A ladder's frames may bear the account alone; there is one an account. */
  #ladderOf(topic: string): string {
    if (this.#asked.has(topic)) return topic;
    return Array.from(this.#asked.keys()).find((asked) => asked.startsWith(`${topic}+`)) ?? topic;
  }
}
