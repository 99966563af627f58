import type { ReceivedFrame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type {
  Command,
  EpochContext,
  EpochSession,
  Grammar,
  Inbox,
  Login,
} from "@oath-ws/venue-kit";
import type { TokenClock } from "../auth/token-clock.js";
import type { ProductAliases } from "../market/product-aliases.js";
import { USER } from "../user/payloads.js";
import type { UserSnapshotEnd } from "../user/payloads.js";
import { decodeEvents, readFrame, readSubscriptions, SUBSCRIPTIONS } from "./decode.js";
import type { ChannelFrame, Message } from "./decode.js";
import { FrameReader } from "./frame-reader.js";
import { IgnoredUnsubscribes } from "./ignored-unsubscribes.js";
import { PendingRequests } from "./pending-requests.js";
import type { Settled } from "./pending-requests.js";
import { channelOf, requestsFor, STATEFUL } from "./request.js";
import type { VenueRequest } from "./request.js";
import { SequenceCheck } from "./sequence-check.js";
import {
  ignoredError,
  refusalError,
  refusalKind,
  refusalVerdict,
  unsureError,
} from "./venue-refusal.js";

/** What a {@link Dialect} needs. */
export interface DialectParts {
  /** The connection that it speaks on. */
  readonly connection: Pick<EpochContext, "say" | "giveUp">;
  readonly aliases: ProductAliases;
  /** The product id to ask for. */
  readonly askedAs: (topic: string) => string;
  /** The clock of the tokens that requests bear, so that a fresh one may help; none without. */
  readonly tokens: Pick<TokenClock, "doubt" | "isSure"> | undefined;
  readonly fault: (error: unknown) => void;
  /** Nothing is sent on the connection any more. */
  readonly onEnded: () => void;
}

/** The topic that is subscribed on every connection before all others, by the login. */
export const HEARTBEATS = "heartbeats";

/** No command has this id. */
const NO_COMMAND = 0;

/** A request is sent so often at most because the venue does not like its token. */
const AUTH_RETRIES = 1;

/**
 * Translates between the kit and the venue on one connection.
 *
 * How this works: the venue's answers bear no id, so {@link PendingRequests} decides which request
 * an answer is for. An acknowledgement lists all that the venue has for the connection. A topic
 * that was asked for and is not listed, or that was listed before and is not any more, is told to
 * the kit as refused for now; the kit asks again after a pause that grows, and the other topics
 * live on. Topics that begin with a snapshot and that the venue still has are given up first, since
 * the venue sends no second snapshot (C-16).
 *
 * All frames of a connection share one number. A hole in it may have held anything: every topic
 * gets a gap, and those with a state are asked for again. A frame that cannot be read costs what it
 * names and nothing else.
 */
export class Dialect implements Grammar, EpochSession {
  readonly grammar: Grammar = this;
  /**
   * What every connection begins with: the heartbeats. They keep the venue from ending a connection
   * on which nothing is subscribed within 5 s (C-3) or nothing happens for a minute (C-8), and
   * their silence tells a mute connection from a quiet one.
   */
  readonly login: Login = {
    run: async ({ ask }) => void (await ask((id) => this.#request(id, "subscribe", [HEARTBEATS]))),
    classify: (error) => (refusalVerdict(error) === "never" ? "permanent" : "transient"),
  };
  readonly #parts: DialectParts;
  readonly #pending = new PendingRequests();
  readonly #frames = new FrameReader();
  readonly #sequence = new SequenceCheck();
  readonly #ignored = new IgnoredUnsubscribes();
  #held: ReadonlySet<string> = new Set();
  /** The command under way; there is one at a time. */
  #command: Command | undefined;

  constructor(parts: DialectParts) {
    this.#parts = parts;
  }

  /** Whether the venue has a topic, as it last said, and was not asked to give it up. */
  holds(topic: string): boolean {
    return this.#held.has(topic) && !this.#pending.topics("unsubscribe").has(topic);
  }

  ended(): void {
    this.#parts.onEnded();
  }

  encode(command: Command): readonly string[] | undefined {
    const asked = command.topics.filter((topic) => topic !== HEARTBEATS);
    this.#command = command;
    return asked.length === 0 ? undefined : this.#request(command.id, command.kind, asked);
  }

  unanswered(id: number): void {
    this.#pending.forget(id);
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    // The kit tells the topics of this loss.
    if (this.#sequence.dropped(frame.seq)) this.#renew(inbox);
    let message: Message;
    try {
      message = this.#read(frame);
    } catch (error) {
      // Nothing says what it was about: it may have been anything.
      this.#sequence.unreadable();
      this.#renew(inbox);
      throw error;
    }
    switch (message.kind) {
      case "channel":
        this.#numbered(message.frame, inbox);
        break;
      case "error":
        this.#refused(message.text, inbox);
        break;
      case "unknown":
        this.#parts.fault(unknownFrame("a frame without a channel"));
        break;
      default:
        message satisfies never;
    }
  }

  #read(frame: ReceivedFrame): Message {
    const known = this.#frames.read(frame);
    return known === undefined ? readFrame(frame.text()) : { kind: "channel", frame: known };
  }

  #request(id: number, type: VenueRequest["type"], topics: readonly string[]): readonly string[] {
    const { askedAs } = this.#parts;
    const isKept = (topic: string): boolean => STATEFUL.has(channelOf(topic)) && this.holds(topic);
    const again = type === "subscribe" ? topics.filter(isKept) : [];
    const requests = [
      ...requestsFor("unsubscribe", again, askedAs),
      ...requestsFor(type, topics, askedAs),
    ];
    this.#pending.add(id, requests);
    return requests.map(({ request }) => JSON.stringify(request));
  }

  #numbered(message: ChannelFrame, inbox: Inbox): void {
    const missing = this.#sequence.missing(message.sequence_num);
    // Out of order: what it says was counted as missing, and asked for again (C-7).
    if (missing === undefined) return;
    if (missing > 0) {
      inbox.missed();
      this.#renew(inbox);
      const text = `${missing} frames of the venue are missing`;
      this.#parts.fault(new WsError({ kind: "server", code: "SEQUENCE_GAP", message: text }));
    }
    if (message.channel !== SUBSCRIPTIONS) {
      this.#events(message, inbox);
      return;
    }
    let held: ReadonlySet<string>;
    try {
      held = readSubscriptions(message, this.#parts.aliases);
    } catch (error) {
      // An answer is lost with it, and nothing of any topic.
      this.#pending.doubt();
      this.#parts.fault(error);
      return;
    }
    this.#acknowledged(held, message, inbox);
  }

  #events(message: ChannelFrame, inbox: Inbox): void {
    const { aliases, fault } = this.#parts;
    if (message.channel === HEARTBEATS) inbox.beat();
    const known = decodeEvents(
      message,
      aliases,
      (topic, payload) => inbox.event(topic, payload),
      (channel, topics, error) => {
        const isLost = (topic: string): boolean =>
          topics === undefined ? channelOf(topic) === channel : topics.includes(topic);
        inbox.unreadable(isLost, error);
        this.#resync(isLost, inbox);
      },
    );
    // Nothing that anybody wants is lost with it.
    if (!known) fault(unknownFrame("an unknown channel"));
  }

  #acknowledged(
    held: ReadonlySet<string>,
    { timestamp, sequence_num }: ChannelFrame,
    inbox: Inbox,
  ): void {
    const before = this.#held;
    this.#held = held;
    this.#ignored.held(held);
    if (held.has(USER)) {
      // Its snapshot comes before the acknowledgement, which therefore ends it (C-5).
      const end: UserSnapshotEnd = { timestamp: String(timestamp), sequence_num, type: "end" };
      inbox.event(USER, end);
    }
    const cancelling = this.#pending.topics("unsubscribe");
    const settled = this.#pending.acknowledge(held);
    if (settled !== undefined) this.#tell(settled, inbox);
    for (const topic of before) {
      // Without heartbeats the connection soon counts as mute.
      if (held.has(topic) || cancelling.has(topic) || topic === HEARTBEATS) continue;
      if (settled?.left.includes(topic) !== true) this.#leftOut(topic, inbox);
    }
  }

  /** The venue does not have a topic that it ought to have. */
  #leftOut(topic: string, inbox: Inbox): void {
    const error = ignoredError("subscribe", [topic]);
    this.#parts.fault(error);
    inbox.topicRefused(topic, error, refusalVerdict(error));
  }

  #refused(text: string, inbox: Inbox): void {
    const { connection, tokens, fault } = this.#parts;
    const { first } = this.#pending;
    const isAuth = refusalKind(text) === "auth" && tokens !== undefined;
    if (first === undefined) {
      const error = refusalError(text);
      fault(error);
      if (error.kind === "throttled") inbox.later(NO_COMMAND, error);
    } else if (isAuth && first.authRetries < AUTH_RETRIES) {
      first.authRetries++;
      tokens.doubt();
      this.#pending.retry();
      connection.say(JSON.stringify(first.request));
    } else {
      const isUnsure = isAuth && !tokens.isSure;
      const error = isUnsure ? unsureError(first.topics) : refusalError(text, first.topics);
      const settled = this.#pending.refuse(error);
      if (settled !== undefined) this.#tell(settled, inbox);
      // Other answers to the command are still to come, but the pause begins now.
      else if (error.kind === "throttled") inbox.later(NO_COMMAND, error);
    }
  }

  #tell({ id, error, left }: Settled, inbox: Inbox): void {
    if (error === undefined) this.#answered(id, left, inbox);
    else if (error.kind === "throttled") inbox.later(id, error);
    else inbox.refused(id, error, refusalVerdict(error));
  }

  /** The venue has answered, and left some topics as they were. */
  #answered(id: number, left: readonly string[], inbox: Inbox): void {
    if (left.length === 0) {
      inbox.confirmed(id);
      return;
    }
    const command = this.#command?.id === id ? this.#command : undefined;
    // A topic that is to come again is left over when the venue did not give it up before.
    const kept = left.filter((topic) => this.#held.has(topic));
    const isVain = kept.length > 0 && this.#ignored.ignored(kept);
    const isNeeded = command?.kind !== "unsubscribe" || command.isResync === true;
    const error = ignoredError(command?.kind ?? "subscribe", left);
    if (command?.kind === "unsubscribe") {
      this.#parts.fault(error);
      // The venue goes on sending what is not wanted: no reason to break what is.
      if (isVain && !isNeeded) inbox.confirmed(id);
      else inbox.refused(id, error, refusalVerdict(error));
    } else if (command === undefined) {
      // The login's heartbeats.
      inbox.refused(id, error, refusalVerdict(error));
    } else {
      for (const topic of left) this.#leftOut(topic, inbox);
      inbox.confirmed(id);
    }
    if (isVain && isNeeded)
      this.#parts.connection.giveUp(`the venue does not give up ${kept.join(", ")}`);
  }

  /** Frames are missing: answers may be among them, and whatever changes a state. */
  #renew(inbox: Inbox): void {
    this.#pending.doubt();
    this.#resync(() => true, inbox);
  }

  /** Asks again for what has a state among these topics. */
  #resync(isLost: (topic: string) => boolean, inbox: Inbox): void {
    const topics = new Set([...this.#held, ...this.#pending.topics("subscribe")]);
    for (const topic of topics)
      if (STATEFUL.has(channelOf(topic)) && isLost(topic)) inbox.resync(topic);
  }
}

function unknownFrame(what: string): WsError {
  return new WsError({ kind: "server", code: "FRAME_UNKNOWN", message: `the venue sent ${what}` });
}
