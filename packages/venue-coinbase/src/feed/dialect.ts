import type { ReceivedFrame } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import type { Command, Grammar, Inbox } from "@oath-ws/venue-kit";
import type { ProductAliases } from "../market/product-aliases.js";
import { decodeEvents, readFrame, readSubscriptions, SUBSCRIPTIONS } from "./decode.js";
import type { ChannelFrame } from "./decode.js";
import { PendingRequests } from "./pending-requests.js";
import type { Settled } from "./pending-requests.js";
import { requestsFor } from "./request.js";
import type { TopicRequest, VenueRequest } from "./request.js";
import { SequenceCheck } from "./sequence-check.js";
import { refusalError, refusalKind, refusalVerdict } from "./venue-refusal.js";

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
  /** Has the source give the frame that is being received once more: see {@link SequenceCheck}. */
  readonly repeat: () => void;
  /**
   * Frames are missing; whoever keeps a state needs it anew. Events from now on have at least this
   * `stretch`.
   */
  readonly missed: (stretch: number) => void;
  /** Topics that the venue does not have any more although nobody cancelled them. */
  readonly vanished: (topics: readonly string[]) => void;
  readonly fault: (error: unknown) => void;
}

/** The topic that is subscribed on every connection before all others, by the login. */
export const HEARTBEATS = "heartbeats";

/** A request is sent so often at most because the venue does not like its token. */
const AUTH_RETRIES = 1;

/** The venue's language on one connection: answers without ids, one number for all frames. */
export class Dialect implements Grammar {
  readonly #parts: DialectParts;
  readonly #pending = new PendingRequests();
  readonly #sequence = new SequenceCheck();
  /** Product ids as they were asked for, by topic. */
  readonly #askedAs = new Map<string, string>();
  #held: ReadonlySet<string> = new Set();
  /** The command under way; the kit sends them one by one. */
  #command: number | undefined;

  constructor(parts: DialectParts) {
    this.#parts = parts;
  }

  /** What the venue has for this connection, as it last said. */
  get held(): ReadonlySet<string> {
    return this.#held;
  }

  /** A connection begins: no answer to an earlier one will come. */
  begin(): void {
    this.#pending.clear();
    this.#command = undefined;
    this.#held = new Set();
  }

  /** Under which id the venue knows a topic's product. The first one stays. */
  learn(topic: string, product: string): void {
    if (!this.#askedAs.has(topic)) this.#askedAs.set(topic, product);
  }

  encode({ id, kind, topics }: Command): string | undefined {
    // An earlier command that is not answered yet was given up.
    if (this.#command !== undefined) this.#pending.forget(this.#command);
    this.#command = id;
    const asked = topics.filter((topic) => topic !== HEARTBEATS);
    return asked.length === 0 ? undefined : this.ask(id, kind, asked);
  }

  /**
   * The text that asks for something outside of the kit's commands; it is answered with this id.
   */
  ask(id: number, type: VenueRequest["type"], topics: readonly string[]): string {
    const requests = requestsFor(type, topics, (topic) => this.#productOf(topic));
    this.#pending.add(id, requests);
    return encodeRequests(requests);
  }

  /** An answer to this is not waited for any more. */
  forget(id: number): void {
    this.#pending.forget(id);
  }

  receive(frame: ReceivedFrame, inbox: Inbox): void {
    if (this.#sequence.enter(frame) === "hole") this.#missed();
    let message: ChannelFrame | string;
    try {
      message = readFrame(frame.text());
    } catch (error) {
      this.#sequence.unreadable();
      this.#missed();
      throw error;
    }
    if (typeof message === "string") this.#refused(message, frame, inbox);
    else this.#numbered(message, frame, inbox);
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
    try {
      if (message.channel === SUBSCRIPTIONS)
        this.#acknowledged(readSubscriptions(message, this.#parts.aliases), frame, inbox);
      else this.#events(message, inbox);
    } catch (error) {
      this.#missed();
      throw error;
    }
  }

  #events(message: ChannelFrame, inbox: Inbox): void {
    const { aliases, fault } = this.#parts;
    const known = decodeEvents(message, this.#sequence.stretch, aliases, (topic, payload) =>
      inbox.event(topic, payload),
    );
    // Nothing that anybody wants is lost with it.
    if (!known)
      fault(
        new WsError({
          kind: "server",
          code: "FRAME_UNKNOWN",
          message: "the venue sent an unknown channel",
        }),
      );
  }

  #acknowledged(held: ReadonlySet<string>, frame: ReceivedFrame, inbox: Inbox): void {
    // Left over from an earlier connection.
    if (frame.epoch !== this.#parts.epoch()) return;
    const before = this.#held;
    this.#held = held;
    const { first, cancelling } = this.#pending;
    const settled = this.#pending.acknowledge(held);
    if (settled.length > 0 || first !== this.#pending.first) this.#parts.accepted();
    this.#tell(settled, inbox);
    const vanished = Array.from(before).filter(
      (topic) => !held.has(topic) && !cancelling.has(topic),
    );
    if (vanished.length > 0) this.#parts.vanished(vanished);
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
    if (isStale || (kind === "rate" && first.id !== this.#command)) {
      if (isStale) first.authRetries++;
      this.#pending.retry();
      this.#parts.again(first.request, frame.epoch);
    } else {
      this.#tell(this.#pending.refuse(refusalError(text)), inbox);
    }
  }

  #tell(settled: readonly Settled[], inbox: Inbox): void {
    for (const each of settled) {
      if (each.kind === "confirmed") inbox.confirmed(each.id);
      else if (each.error.kind === "throttled") inbox.later(each.id, each.error);
      else inbox.refused(each.id, each.error, refusalVerdict(each.error));
    }
  }

  #missed(): void {
    this.#pending.doubt();
    this.#parts.missed(this.#sequence.breakOff());
  }

  #productOf(topic: string): string {
    return this.#askedAs.get(topic) ?? topic.slice(topic.indexOf(":") + 1);
  }
}

/** The text that a `Voice` takes apart again: requests, each to be sent as a message of its own. */
export function encodeRequests(requests: readonly TopicRequest[]): string {
  return JSON.stringify(requests.map(({ request }) => request));
}
