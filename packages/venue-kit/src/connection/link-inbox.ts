import type { WsError } from "@oath-ws/contract";
import type { CommandPump } from "./command-pump.js";
import type { Inbox, RefusalVerdict } from "./grammar.js";
import type { LinkSpeech } from "./link-speech.js";
import type { LinkInput } from "./link-table.js";
import type { Command, SubscriptionRegistry } from "./subscription-registry.js";
import type { VenueState } from "./venue-status.js";
import type { GapReason } from "../topic/gap-record.js";

/** The link of a {@link LinkInbox}, as that sees it. */
export interface InboxLink {
  readonly registry: SubscriptionRegistry;
  readonly speech: Pick<LinkSpeech, "queries" | "sender">;
  readonly pump: CommandPump;
  /** Whether the frame is left over from an earlier connection, or from one that is down. */
  readonly isStray: boolean;
  /** Whether a connection stands. */
  readonly isUp: boolean;
  /** These topics are subscribed now. */
  confirmed(command: Command): void;
  refused(topic: string, error: WsError): void;
  /** A question on a connection that has ended was refused. Whether it was the login's last one. */
  refusedBehind(id: number, error: WsError): boolean;
  putOff(topics: readonly string[], error: WsError): void;
  resync(topic: string): void;
  beat(): void;
  venueStatus(state: VenueState, detail?: string): void;
  ending(reason: string): void;
  input(input: LinkInput, cause?: WsError): void;
  fault(error: unknown): void;
}

/** Where events go, and the news that some are missing. */
export interface EventReader {
  event(topic: string, data: unknown): void;
  /** Something of these topics was lost. */
  broke(isConcerned: (topic: string) => boolean, reason: GapReason): void;
}

const all = (): boolean => true;

/**
 * Carries what a grammar found to where it belongs. What answers or describes a connection that has
 * ended is left out (`isStray`), but for answers to calls, refusals, and the pauses that come with
 * them: a venue often ends the connection right behind one, and then the end is noticed first.
 */
export class LinkInbox implements Inbox {
  readonly #link: InboxLink;
  readonly #reader: EventReader;

  constructor(link: InboxLink, reader: EventReader) {
    this.#link = link;
    this.#reader = reader;
  }

  greeted(): void {
    if (!this.#link.isStray) this.#link.input("greeted");
  }

  event(topic: string, data: unknown): void {
    this.#reader.event(topic, data);
  }

  unreadable(isConcerned: (topic: string) => boolean, error: unknown): void {
    this.#reader.broke(isConcerned, "malformed");
    this.#link.fault(error);
  }

  missed(isConcerned: (topic: string) => boolean = all): void {
    this.#reader.broke(isConcerned, "venue");
  }

  confirmed(id: number, result?: unknown): void {
    const { isStray, speech, pump, registry } = this.#link;
    if (isStray) {
      speech.queries.answerBehind(id, result);
      return;
    }
    speech.sender.accepted();
    if (speech.queries.answer(id, result)) return;
    pump.confirmed(registry.topicsOf(id));
    const command = registry.confirm(id);
    pump.answered(id);
    if (command !== undefined) this.#link.confirmed(command);
    pump.pump();
  }

  topicConfirmed(topic: string, id?: number): void {
    const { isStray, speech, pump, registry } = this.#link;
    const found = isStray ? undefined : registry.confirmTopic(topic, id);
    if (found === undefined) return;
    speech.sender.accepted();
    pump.confirmed([topic]);
    if (found.isOver) pump.answered(found.command.id);
    this.#link.confirmed(found.command);
    pump.pump();
  }

  refused(id: number, error: WsError, verdict: RefusalVerdict): void {
    const { pump, registry } = this.#link;
    if (this.#isQuestion(id, error)) return;
    if (verdict === "notNow") {
      this.#putOff(pump.putOff(id, error), error);
      return;
    }
    const topic = registry.refuse(id);
    pump.answered(id);
    if (topic !== undefined) this.#link.refused(topic, error);
    pump.pump();
  }

  topicRefused(topic: string, error: WsError, verdict: RefusalVerdict): void {
    const { isStray, isUp, pump, registry } = this.#link;
    if (verdict === "notNow") {
      // Another connection may carry the topic already.
      if (isStray && isUp) return;
      pump.putOffTopic(topic, error);
      this.#link.putOff([topic], error);
    } else {
      for (const id of registry.refuseTopic(topic)) pump.answered(id);
      this.#link.refused(topic, error);
    }
    pump.pump();
  }

  later(id: number, error: WsError): void {
    const { speech, pump } = this.#link;
    speech.sender.refused(error.retryAfterMs);
    if (!this.#isQuestion(id, error)) this.#putOff(pump.later(id, error), error);
  }

  resync(topic: string): void {
    if (!this.#link.isStray) this.#link.resync(topic);
  }

  beat(): void {
    if (!this.#link.isStray) this.#link.beat();
  }

  venueStatus(state: VenueState, detail?: string): void {
    if (!this.#link.isStray) this.#link.venueStatus(state, detail);
  }

  ending(reason: string): void {
    if (!this.#link.isStray) this.#link.ending(reason);
  }

  sessionLost(cause: WsError): void {
    if (!this.#link.isStray) this.#link.input("sessionLost", cause);
  }

  failed(error: WsError): void {
    this.#link.input("failed", error);
  }

  /** Whether a question had this id that is settled by its refusal. */
  #isQuestion(id: number, error: WsError): boolean {
    const { isStray, speech } = this.#link;
    if (!isStray) return speech.queries.refuse(id, error);
    return speech.queries.refuseBehind(id, error) || this.#link.refusedBehind(id, error);
  }

  #putOff(command: Command | undefined, error: WsError): void {
    // An unsubscription that was put off changes nothing for anybody.
    if (command?.kind === "subscribe") this.#link.putOff(command.topics, error);
    this.#link.pump.pump();
  }
}
