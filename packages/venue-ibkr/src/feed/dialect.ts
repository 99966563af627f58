import type { ReceivedFrame } from "@oath-ws/contract";
import type { Command, Grammar, Inbox } from "@oath-ws/venue-kit";
import { Account } from "./account.js";
import type { AccountKind } from "./account.js";
import type { BrokerageLogin } from "./brokerage-login.js";
import { CANCELS } from "./cancels.js";
import { list, parse, unknownFrame } from "./frame-outline.js";
import type { Message } from "./frame-outline.js";
import type { Greeting } from "./greeting.js";
import { Histories } from "./histories.js";
import type { MarketLines } from "./market-lines.js";
import type { Pulse } from "./pulse.js";
import type { QuietWindow } from "./quiet-window.js";
import { QuoteBook } from "../market/quote-book.js";
import type { SessionBinding } from "./session-binding.js";
import { summaryOwner } from "./summary-owner.js";
import { suspects } from "./suspects.js";
import { isKind, kindOf, parseTopicName, rulesOf } from "./topic-name.js";
import { topicRefused, venueFault } from "./venue-fault.js";
import { readStatus } from "../session/session-bodies.js";

/** What a {@link Dialect} acts on. */
export interface DialectParts {
  readonly lines: MarketLines;
  readonly login: BrokerageLogin;
  readonly greeting: Greeting;
  readonly pulse: Pulse;
  readonly quiet: QuietWindow;
  readonly binding: SessionBinding;
  /** The epoch of the connection that is up; 0 for none. */
  readonly epoch: () => number;
  readonly say: (text: string) => void;
  /**
   * Frames are missing: what was put together of several is not to be trusted, and is asked for
   * again by {@link Dialect.refresh}.
   */
  readonly missed: () => void;
  readonly fault: (error: unknown) => void;
}

/** The venue's language on one connection (I-17). */
export class Dialect implements Grammar {
  readonly #parts: DialectParts;
  readonly #quotes = new QuoteBook();
  readonly #histories = new Histories();
  readonly #account = new Account();
  /** The JSON part of the commands that have one. */
  readonly #parameters = new Map<string, object>();
  /**
   * Topics that were asked for on this connection, with the command that waits for their first
   * frame.
   */
  readonly #asked = new Map<string, number | undefined>();
  /** Topics that {@link refresh} asks for again. */
  readonly #due = new Set<string>();
  #frameEpoch = 0;
  #nextSeq = 0;

  constructor(parts: DialectParts) {
    this.#parts = parts;
  }

  /** Histories that nobody wants and that hold a place at the venue. */
  get orphanHistories(): number {
    return this.#histories.orphans;
  }

  /** With what a topic is asked for. */
  learn(topic: string, parameters: object): void {
    this.#parameters.set(topic, parameters);
  }

  forget(topic: string): void {
    this.#parameters.delete(topic);
  }

  /**
   * The venue has nothing of us any more: of any topic, or of those that hang on the brokerage
   * session.
   */
  reset(scope: "all" | "session"): void {
    for (const topic of this.#asked.keys()) {
      if (scope === "all" || rulesOf(topic).session) this.#asked.delete(topic);
    }
    if (scope === "session") this.#account.sessionLost();
    // Another connection counts its epochs from 1 again.
    else this.#frameEpoch = 0;
    this.#histories.clear();
    this.#quotes.clear();
    this.#due.clear();
    this.#parts.lines.suspend();
  }

  /**
   * Asks again for a line that has fallen silent. Whatever was known of it is old: the snapshot is
   * an event, also if it says the same.
   */
  revive(topic: string): void {
    this.#quotes.forget(topic);
    this.#parts.lines.again(topic);
  }

  /** Asks again for what was put together of several frames, some of which were missed. */
  refresh(): void {
    for (const topic of this.#due) {
      const kind = kindOf(topic);
      if (!this.#asked.has(topic)) continue;
      if (kind === "smd") this.#parts.lines.again(topic);
      else if (kind === "ssd" || kind === "sld" || kind === "str")
        this.#parts.say(this.#words(topic));
    }
    this.#due.clear();
  }

  isAnswered({ kind, topics: [topic = ""] }: Command): boolean {
    return kind === "subscribe" && rulesOf(topic).answered;
  }

  /** What the venue does not answer counts as subscribed when no refusal came. */
  quietMs({ kind }: Command): number {
    return kind === "subscribe" ? this.#parts.quiet.waitMs : 0;
  }

  /** The kit asks for one topic at a time: the venue's commands name one. */
  encode({ id, kind, topics: [topic = ""] }: Command): string | undefined {
    const rules = rulesOf(topic);
    if (!rules.command) return undefined;
    if (kind === "unsubscribe") return this.#cancel(topic);
    this.#asked.set(topic, id);
    this.#parts.quiet.asked(topic);
    return this.#words(topic);
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    if (frame.epoch !== this.#frameEpoch) {
      this.#frameEpoch = frame.epoch;
      this.#account.begin();
    } else if (frame.seq !== this.#nextSeq) {
      this.#missed(() => true);
    }
    this.#nextSeq = frame.seq + 1;
    if (frame.epoch === this.#parts.epoch()) this.#parts.pulse.frame(frame.receivedAt);
    try {
      this.#read(parse(frame.text()), frame, inbox);
    } catch (error) {
      const isConcerned = suspects(frame.text());
      this.#missed(isConcerned);
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
      if (this.#asked.has(topic) && this.#isCurrent(frame)) this.#refused(topic, message, inbox);
      else this.#error(message, frame);
      return;
    }
    if (!isKind(kind)) {
      this.#other(kind, message, frame);
      return;
    }
    switch (kind) {
      case "smd":
        this.#quote(this.#lineOf(topic, message), message, frame, inbox);
        break;
      case "smh":
        this.#history(topic, message, frame, inbox);
        break;
      case "sbd":
        this.#ladder(this.#ladderOf(topic), message, frame, inbox);
        break;
      case "system":
        this.#system(message, frame, inbox);
        break;
      case "sts":
        inbox.event(topic, message["args"] ?? {});
        if (this.#isCurrent(frame)) this.#status(message["args"], inbox);
        break;
      case "act":
      case "ntf":
      case "blt":
      case "sor":
      case "str":
      case "spl":
      case "ssd":
      case "sld":
        this.#accountEvents(kind, topic, message, frame, inbox);
        break;
      default:
        kind satisfies never;
    }
  }

  /**
   * Frames that are of no topic: acknowledgements that nobody waits for, errors, and the demand for
   * a session.
   */
  #bare(message: Message, frame: ReceivedFrame, inbox: Inbox): void {
    if ("error" in message) {
      this.#error(message, frame);
    } else if (message["message"] === "waiting for session") {
      if (this.#isCurrent(frame)) this.#parts.greeting.asked();
    } else if (Array.isArray(message["result"])) {
      this.#summary(message["result"], message, frame, inbox);
    } else if (typeof message["message"] !== "string" && typeof message["result"] !== "string") {
      throw unknownFrame();
    }
  }

  #other(kind: string, message: Message, frame: ReceivedFrame): void {
    if (kind === "error") this.#error(message, frame);
    // With a topic that we do not know nothing is lost that somebody wants.
    else if (kind !== "tic") this.#parts.fault(unknownFrame());
    // Each `tic` has four equal answers (I-23): they say that the venue speaks, and no more.
    else if (this.#isCurrent(frame)) this.#parts.pulse.sign(frame.receivedAt);
  }

  #status(args: unknown, inbox: Inbox): void {
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

  #system(message: Message, frame: ReceivedFrame, inbox: Inbox): void {
    const { success, hb, isPaper } = message;
    const isCurrent = this.#isCurrent(frame);
    if (typeof hb === "number") {
      if (isCurrent) this.#parts.pulse.sign(frame.receivedAt);
      inbox.event("system", { kind: "heartbeat", venueTime: hb });
    } else if (typeof success === "string") {
      if (isCurrent) this.#parts.greeting.done();
      if (isCurrent) inbox.greeted();
      inbox.event("system", {
        kind: "greeting",
        username: success,
        isPaper: typeof isPaper === "boolean" ? isPaper : undefined,
      });
    }
  }

  #quote(topic: string, message: Message, frame: ReceivedFrame, inbox: Inbox): void {
    // What comes after it was cancelled, or is left of an earlier connection, must not be added to
    // what comes next.
    if (!this.#asked.has(topic)) return;
    const quote = this.#quotes.merge(topic, message);
    this.#answered(topic, frame, inbox);
    if (quote !== undefined) inbox.event(topic, quote);
  }

  #history(topic: string, message: Message, frame: ReceivedFrame, inbox: Inbox): void {
    const { serverId, topic: _topic, ...event } = message;
    if (typeof serverId !== "string" && typeof serverId !== "number") throw unknownFrame();
    const verdict = this.#histories.judge(topic, String(serverId));
    if (verdict.kind === "over") {
      if (verdict.say !== undefined) this.#parts.say(verdict.say);
      return;
    }
    const data = list(event["data"]);
    this.#answered(topic, frame, inbox);
    inbox.event(topic, { ...event, data });
  }

  #ladder(topic: string, message: Message, frame: ReceivedFrame, inbox: Inbox): void {
    const data = list(message["data"]);
    this.#answered(topic, frame, inbox);
    inbox.event(topic, { data });
  }

  #accountEvents(
    kind: AccountKind,
    topic: string,
    message: Message,
    frame: ReceivedFrame,
    inbox: Inbox,
  ): void {
    const events = this.#account.read(kind, topic, message);
    this.#answered(topic, frame, inbox);
    for (const event of events) inbox.event(topic, event);
  }

  /** The documented summary names no topic. */
  #summary(rows: readonly unknown[], message: Message, frame: ReceivedFrame, inbox: Inbox): void {
    const topic = summaryOwner(rows, this.#asked.keys());
    if (topic === undefined) throw unknownFrame();
    const kind = kindOf(topic) === "sld" ? "sld" : "ssd";
    this.#accountEvents(kind, topic, message, frame, inbox);
  }

  /** The first frame of a topic is the answer to its command. */
  #answered(topic: string, frame: ReceivedFrame, inbox: Inbox): void {
    const id = this.#asked.get(topic);
    if (id === undefined || !this.#isCurrent(frame)) return;
    this.#asked.set(topic, undefined);
    this.#parts.quiet.over(topic);
    inbox.confirmed(id);
  }

  #cancel(topic: string): string | undefined {
    const { kind } = parseTopicName(topic);
    this.#asked.delete(topic);
    this.#parts.quiet.over(topic);
    if (kind === "smd") this.#quotes.forget(topic);
    return kind === "smh"
      ? this.#histories.end(topic)
      : CANCELS[kind]?.(topic.slice(kind.length + 1));
  }

  #words(topic: string): string {
    if (this.#parts.lines.has(topic)) return this.#parts.lines.ask(topic);
    const parameters = this.#parameters.get(topic);
    return parameters === undefined ? topic : `${topic}+${JSON.stringify(parameters)}`;
  }

  #missed(isConcerned: (topic: string) => boolean): void {
    this.#account.missed(isConcerned);
    for (const topic of this.#asked.keys()) {
      if (!isConcerned(topic)) continue;
      this.#quotes.forget(topic);
      this.#due.add(topic);
    }
    if (this.#due.size > 0) this.#parts.missed();
  }

  /**
   * A frame of the connection that is up, and not one that an earlier connection left in the
   * buffer.
   */
  #isCurrent(frame: ReceivedFrame): boolean {
    return frame.epoch === this.#parts.epoch();
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
