import type { ReceivedFrame, WsError } from "@oath-ws/contract";
import type { Command } from "./subscription-registry.js";

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
  /** An event of a topic. One that nobody wants is ignored. */
  event(topic: string, data: unknown): void;
  /**
   * Something came that cannot be read: the topics that it may be about get a gap record or
   * reconcile, and no other topic of the connection does. It is about none when it is of a kind
   * that is not known. The error goes to the fault listener.
   */
  unreadable(isConcerned: (topic: string) => boolean, error: unknown): void;
  /** The command or query with this id was carried out; a query gives its result. */
  confirmed(id: number, result?: unknown): void;
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
   * query is refused with the error.
   */
  later(id: number, error: WsError): void;
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

/** A venue's language on the wire, without any state of a connection. */
export interface Grammar {
  /**
   * The text that carries out a command; `undefined` when the topics come by themselves after the
   * login: they count as confirmed.
   */
  encode(command: Command): string | undefined;
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
