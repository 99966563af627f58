import type { ReceivedFrame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { Command, Grammar, Inbox } from "@oath-ws/venue-kit";
import type { Envelope } from "../market/payloads.js";
import type { ProductAliases } from "../market/product-aliases.js";
import { USER } from "../user/payloads.js";
import type { UserSnapshotEnd } from "../user/payloads.js";
import { decodeEvents, readFrame, readSubscriptions, SUBSCRIPTIONS } from "./decode.js";
import type { ChannelFrame, Message } from "./decode.js";
import { IgnoredUnsubscribes } from "./ignored-unsubscribes.js";
import { PendingRequests } from "./pending-requests.js";
import type { Settled } from "./pending-requests.js";
import { channelOf, requestsFor, STATEFUL } from "./request.js";
import type { TopicRequest, VenueRequest } from "./request.js";
import { SequenceCheck } from "./sequence-check.js";
import { Stretches } from "./stretches.js";
import {
  ignoredError,
  refusalError,
  refusalKind,
  refusalVerdict,
  resyncError,
} from "./venue-refusal.js";

/** What a {@link Dialect} asks of the connection that it speaks on. */
export interface DialectParts {
  readonly aliases: ProductAliases;
  /** Whether requests bear tokens, so that a fresh one may help. */
  readonly signs: boolean;
  /** The epoch of the connection that is up. */
  readonly epoch: () => number;
  /** Sends a request again. */
  readonly again: (request: VenueRequest, epoch: number) => void;
  /** The venue said that there were too many messages. */
  readonly throttled: () => void;
  /** The venue has carried something out. */
  readonly accepted: () => void;
  /** A heartbeat of the connection that is up arrived. */
  readonly beat: () => void;
  /** Has the source give the frame that is being received once more: see {@link SequenceCheck}. */
  readonly repeat: () => void;
  /**
   * Something is missing, of these topics or, without them, of any: whoever keeps a state needs it
   * anew. Their events from now on have at least the stretch that {@link Dialect.stretchOf} gives.
   */
  readonly missed: (isMissed?: (topic: string) => boolean) => void;
  /** A topic is needed anew, and the venue does not give up what it has: only a new one helps. */
  readonly giveUp: (reason: string) => void;
  readonly fault: (error: unknown) => void;
}

/** The topic that is subscribed on every connection before all others, by the login. */
export const HEARTBEATS = "heartbeats";

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
 * gets a gap, and those with a state are asked for anew. A frame that cannot be read costs what it
 * names and nothing else.
 */
export class Dialect implements Grammar {
  readonly #parts: DialectParts;
  readonly #pending = new PendingRequests();
  readonly #sequence = new SequenceCheck();
  readonly #stretches = new Stretches();
  readonly #ignored = new IgnoredUnsubscribes();
  /** Product ids as they were asked for, by topic. */
  readonly #askedAs = new Map<string, string>();
  #held: ReadonlySet<string> = new Set();
  #inbox: Inbox | undefined;
  /** The command under way; the kit sends them one by one. */
  #command: Pick<Command, "id" | "kind"> | undefined;

  constructor(parts: DialectParts) {
    this.#parts = parts;
  }

  /** What the venue has for this connection, as it last said. */
  get held(): ReadonlySet<string> {
    return this.#held;
  }

  /** The stretch of the events of a topic that come from now on. */
  stretchOf(topic: string): number {
    return this.#sequence.stretch + this.#stretches.of(topic);
  }

  /** A connection begins: no answer to an earlier one will come. */
  begin(): void {
    this.#pending.clear();
    this.#ignored.clear();
    this.#command = undefined;
    this.#held = new Set();
  }

  /** Under which id the venue knows a topic's product. The first one stays. */
  learn(topic: string, product: string): void {
    if (!this.#askedAs.has(topic)) this.#askedAs.set(topic, product);
  }

  encode({ id, kind, topics }: Command): string | undefined {
    // An earlier command that is not answered yet was given up.
    if (this.#command !== undefined) this.#pending.forget(this.#command.id);
    this.#command = { id, kind };
    const asked = topics.filter((topic) => topic !== HEARTBEATS);
    return asked.length === 0 ? undefined : this.ask(id, kind, asked);
  }

  /**
   * The text that asks for something outside of the kit's commands; it is answered with this id.
   */
  ask(id: number, type: VenueRequest["type"], topics: readonly string[]): string {
    const productOf = (topic: string): string => this.#productOf(topic);
    const anew = type === "subscribe" ? topics.filter((topic) => this.#isKept(topic)) : [];
    const requests = [
      ...requestsFor("unsubscribe", anew, productOf),
      ...requestsFor(type, topics, productOf),
    ];
    this.#pending.add(id, requests);
    return encodeRequests(requests);
  }

  /** An answer to this is not waited for any more. */
  forget(id: number): void {
    this.#pending.forget(id);
  }

  /**
   * These topics could not be brought to their snapshots beside the kit's commands: the kit asks
   * for them again, after a pause, and finds out which of them the venue refuses.
   */
  putOff(topics: readonly string[], cause: unknown): void {
    for (const topic of topics) {
      const error = resyncError(topic, cause);
      this.#inbox?.topicRefused(topic, error, refusalVerdict(error));
    }
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    this.#inbox = inbox;
    if (this.#sequence.enter(frame) === "hole") this.#missed();
    let message: Message;
    try {
      message = readFrame(frame.text());
    } catch (error) {
      // Nothing says what it was about: it may have been anything.
      this.#sequence.unreadable();
      this.#missed();
      throw error;
    }
    switch (message.kind) {
      case "channel":
        this.#numbered(message.frame, frame, inbox);
        break;
      case "error":
        this.#refused(message.text, frame, inbox);
        break;
      case "unknown":
        this.#parts.fault(unknownFrame("a frame without a channel"));
        break;
      default:
        message satisfies never;
    }
  }

  #numbered(message: ChannelFrame, frame: ReceivedFrame, inbox: Inbox): void {
    const verdict = this.#sequence.number(message.sequence_num);
    switch (verdict.kind) {
      case "old":
        // Out of order: what it says was counted as missing, and asked for anew (C-7).
        return;
      case "hole":
        this.#missed();
        this.#parts.fault(
          new WsError({
            kind: "server",
            code: "SEQUENCE_GAP",
            message: `${verdict.missing} frames of the venue are missing`,
          }),
        );
        this.#parts.repeat();
        return;
      case "next":
        break;
      default:
        verdict satisfies never;
    }
    if (message.channel !== SUBSCRIPTIONS) {
      this.#events(message, frame, inbox);
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
    this.#acknowledged(held, message, frame, inbox);
  }

  #events(message: ChannelFrame, frame: ReceivedFrame, inbox: Inbox): void {
    const { aliases, fault, beat, epoch } = this.#parts;
    if (message.channel === HEARTBEATS && frame.epoch === epoch()) beat();
    const known = decodeEvents(
      message,
      this.#sequence.stretch,
      aliases,
      (topic, payload) => inbox.event(topic, this.#placed(topic, payload)),
      (channel, topics, error) => {
        this.#stretches.lose(topics ?? [channel]);
        const isLost = (topic: string): boolean =>
          topics === undefined ? channelOf(topic) === channel : topics.includes(topic);
        inbox.unreadable(isLost, error);
        this.#parts.missed(isLost);
      },
    );
    // Nothing that anybody wants is lost with it.
    if (!known) fault(unknownFrame("an unknown channel"));
  }

  #placed(topic: string, payload: Envelope): Envelope {
    const own = this.#stretches.of(topic);
    return own === 0 ? payload : { ...payload, stretch: payload.stretch + own };
  }

  #acknowledged(
    held: ReadonlySet<string>,
    { timestamp, sequence_num }: ChannelFrame,
    frame: ReceivedFrame,
    inbox: Inbox,
  ): void {
    // Left over from an earlier connection.
    if (frame.epoch !== this.#parts.epoch()) return;
    const before = this.#held;
    this.#held = held;
    this.#ignored.held(held);
    if (held.has(USER)) {
      // Its snapshot comes before the acknowledgement, which therefore ends it (C-5).
      const end: UserSnapshotEnd = {
        timestamp: String(timestamp),
        sequence_num,
        stretch: this.stretchOf(USER),
        type: "end",
      };
      inbox.event(USER, end);
    }
    const { first, cancelling } = this.#pending;
    const settled = this.#pending.acknowledge(held);
    if (settled.length > 0 || first !== this.#pending.first) this.#parts.accepted();
    const blamed = new Set(settled.flatMap((one) => (one.kind === "answered" ? one.left : [])));
    this.#tell(settled, inbox);
    for (const topic of before) {
      // Without heartbeats the connection soon counts as mute.
      if (held.has(topic) || cancelling.has(topic) || blamed.has(topic) || topic === HEARTBEATS)
        continue;
      this.#leftOut(topic, inbox);
    }
  }

  /** The venue does not have a topic that it ought to have. */
  #leftOut(topic: string, inbox: Inbox): void {
    const error = ignoredError("subscribe", [topic]);
    this.#parts.fault(error);
    inbox.topicRefused(topic, error, refusalVerdict(error));
  }

  #refused(text: string, frame: ReceivedFrame, inbox: Inbox): void {
    if (frame.epoch !== this.#parts.epoch()) return;
    const { first } = this.#pending;
    if (first === undefined) {
      this.#parts.fault(refusalError(text));
      return;
    }
    const kind = refusalKind(text);
    if (kind === "rate") this.#parts.throttled();
    const isStale = kind === "auth" && this.#parts.signs && first.authRetries < AUTH_RETRIES;
    // The kit sends its own commands again, after a pause. What is asked beside them is sent again
    // from here.
    if (isStale || (kind === "rate" && first.id !== this.#command?.id)) {
      if (isStale) first.authRetries++;
      this.#pending.retry();
      this.#parts.again(first.request, frame.epoch);
    } else {
      this.#tell(this.#pending.refuse(refusalError(text, first.topics)), inbox);
    }
  }

  #tell(settled: readonly Settled[], inbox: Inbox): void {
    for (const each of settled) {
      if (each.kind === "answered") this.#answered(each.id, each.left, inbox);
      else if (each.error.kind === "throttled") inbox.later(each.id, each.error);
      else inbox.refused(each.id, each.error, refusalVerdict(each.error));
    }
  }

  /** The venue has answered, and left some topics as they were. */
  #answered(id: number, left: readonly string[], inbox: Inbox): void {
    if (left.length === 0) {
      inbox.confirmed(id);
      return;
    }
    const isUnsubscribe = this.#command?.id === id && this.#command.kind === "unsubscribe";
    // A topic that is to come anew is left over when the venue did not give it up before.
    const kept = left.filter((topic) => this.#held.has(topic));
    const isVain = kept.length > 0 && this.#ignored.ignored(kept);
    if (isUnsubscribe) {
      const error = ignoredError("unsubscribe", left);
      this.#parts.fault(error);
      // The venue goes on sending what nobody wants: no reason to break what others want.
      if (isVain) inbox.confirmed(id);
      else inbox.refused(id, error, refusalVerdict(error));
      return;
    }
    if (left.includes(HEARTBEATS)) {
      const error = ignoredError("subscribe", left);
      inbox.refused(id, error, refusalVerdict(error));
      return;
    }
    for (const topic of left) this.#leftOut(topic, inbox);
    inbox.confirmed(id);
    if (isVain) this.#parts.giveUp(`the venue does not give up ${kept.join(", ")}`);
  }

  #missed(): void {
    this.#pending.doubt();
    this.#sequence.breakOff();
    this.#parts.missed();
  }

  /** Whether the venue has a topic, and would therefore send no snapshot of it. */
  #isKept(topic: string): boolean {
    if (!STATEFUL.has(channelOf(topic)) || !this.#held.has(topic)) return false;
    return !this.#pending.cancelling.has(topic);
  }

  #productOf(topic: string): string {
    return this.#askedAs.get(topic) ?? topic.slice(topic.indexOf(":") + 1);
  }
}

/** The text that a `Voice` takes apart again: requests, each to be sent as a message of its own. */
export function encodeRequests(requests: readonly TopicRequest[]): string {
  return JSON.stringify(requests.map(({ request }) => request));
}

function unknownFrame(what: string): WsError {
  return new WsError({ kind: "server", code: "FRAME_UNKNOWN", message: `the venue sent ${what}` });
}
