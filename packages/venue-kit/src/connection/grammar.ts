import type { ReceivedFrame, WsError } from "@oath-ws/contract";
import type { VenueState } from "./venue-status.js";
import type { Command } from "./subscription-registry.js";

/** One message on the wire, or several in their order. */
export type Words = string | readonly string[];

/**
 * Whether a refusal passes: `never` for what the venue will refuse next time as well (an unknown
 * symbol, a bad request, a bad key), `notNow` for everything else (a limit, a busy server, an
 * internal error, an unknown code).
 */
export type RefusalVerdict = "never" | "notNow";

/**
 * Where a {@link Grammar} puts what it found in a frame. Nothing is made per frame but what the
 * venue's decoder makes. It is the same object for as long as the connection lives, and what is put
 * there between two frames counts as found in the last one.
 */
export interface Inbox {
  /**
   * The venue is ready to hear commands; for connections that wait for it (`awaitsGreeting` of the
   * feed).
   */
  greeted(): void;
  /** An event of a topic. One that no topic wants is ignored. */
  event(topic: string, data: unknown): void;
  /**
   * Something came that cannot be read: the topics that it may be about get a gap record or
   * reconcile, and no other topic of the connection does. It is about none when it is of a kind
   * that is not known. The error goes to the fault listener.
   */
  unreadable(isConcerned: (topic: string) => boolean, error: unknown): void;
  /**
   * Events are missing before what this frame brings, and the connection goes on: the venue's own
   * numbers have a hole. The topics that it may concern get a gap record at once, before the events
   * that follow. Default: all topics of the connection.
   */
  missed(isConcerned?: (topic: string) => boolean): void;
  /** The command or query with this id was carried out; a query gives its result. */
  confirmed(id: number, result?: unknown): void;
  /**
   * The venue carried out what was asked about this topic alone: it is subscribed, or unsubscribed.
   * The command goes on waiting about its other topics, and is answered when each has its answer,
   * by this or by {@link topicRefused}.
   *
   * @param id the command, where the answer names it: a late answer to an earlier one is ignored
   */
  topicConfirmed(topic: string, id?: number): void;
  /**
   * The command or query with this id was refused. `never`: its topic ends with the error.
   * `notNow`: its topics stay, and are asked for again after a pause that grows, and that is no
   * shorter than the error's `retryAfterMs`.
   */
  refused(id: number, error: WsError, verdict: RefusalVerdict): void;
  /**
   * The venue refuses a topic without naming the command, perhaps one that it had before. The
   * verdict is as in {@link refused}. A command that asked for this topic and others still waits
   * for its answer about the others: a venue that takes some topics of a command and leaves others
   * out is told as the refusals first, and then {@link confirmed}.
   */
  topicRefused(topic: string, error: WsError, verdict: RefusalVerdict): void;
  /**
   * The command with this id came too fast and was not looked at: nothing is sent on this
   * connection for a while, at least for the error's `retryAfterMs`, and then it is sent again. A
   * query is refused with the error. An id that no command has, 0 for example, begins the pause
   * alone. The feed's `limiter` is told, so that all who share it pause.
   */
  later(id: number, error: WsError): void;
  /**
   * Asks for a topic's snapshot again: what is known of it is not to be trusted. The topic is
   * `recovering` from now on, is unsubscribed and then subscribed, and is `live` when that is
   * confirmed. Requests of one turn go together; each further one for the same topic waits for a
   * pause that doubles from 250 ms to 10 s. No gap is recorded: use it for topics that begin with a
   * snapshot. Ignored for a topic that is not confirmed, which gets its snapshot in any case.
   */
  resync(topic: string): void;
  /**
   * The sign of life that the feed's `heartbeat` waits for came in this frame. Left over from an
   * earlier connection, it is ignored.
   */
  beat(): void;
  /**
   * The venue said in which state it is; `detail` in its own words. A halted venue is not mute: no
   * connection is replaced because its topics are silent.
   */
  venueStatus(state: VenueState, detail?: string): void;
  /** The venue said that it will end the connection soon: replace it while it still works. */
  ending(reason: string): void;
  /**
   * The session on this connection is over while the socket is well: log in, and subscribe again
   * what needs the login.
   */
  sessionLost(cause: WsError): void;
  /**
   * The venue refuses us for good: the connection is given up, and its topics fail with this error.
   */
  failed(error: WsError): void;
}

/**
 * A venue's language on the wire. The feed's own is shared by all its connections and keeps nothing
 * of any; one that has to keep something is made for each connection by `onEpoch`.
 */
export interface Grammar {
  /**
   * The messages that carry out a command. `undefined`: there is nothing to send, and the topics
   * count as confirmed. So it is where topics come by themselves after the login, and for the
   * unsubscription of a resync ({@link Command.isResync}) where subscribing again is enough.
   */
  encode(command: Command): Words | undefined;
  /**
   * The kit waits no longer for an answer to the command or query with this id: it did not leave as
   * a whole, or took too long. Not called when the connection ends. Default: nothing is done.
   */
  unanswered?(id: number): void;
  /**
   * Whether the venue answers this command. One that it does not answer counts as carried out once
   * it has left. Default: all are answered.
   */
  isAnswered?(command: Command): boolean;
  /**
   * How long after it left a command that the venue does not answer counts as carried out, in
   * milliseconds: the time in which a refusal would come. {@link Inbox.confirmed} ends it early.
   * Default 0.
   */
  quietMs?(command: Command): number;
  /**
   * Reads one frame. What it throws makes the frame `malformed`: all topics of the connection get a
   * gap record, and the error goes to the fault listener. Where it is known which topics a frame
   * may be about, {@link Inbox.unreadable} keeps the loss to those.
   */
  receive(frame: ReceivedFrame, inbox: Inbox): void;
}
