import type { Grammar, Words } from "./grammar.js";
import type { Keepalive } from "./keepalive.js";
import type { Login } from "./login.js";

/** What an adapter can do with one connection, from its beginning to its end. */
export interface EpochContext {
  /** The transport's number of this connection: rises with every connection of one link. */
  readonly epoch: number;
  /** Whether the connection stands, and is not being closed. */
  readonly isOpen: boolean;
  /**
   * Sends messages beside the kit's commands, through `beforeSend` and the limiter. When they do
   * not leave, the connection is given up, with a pause that grows. Ignored after the end.
   */
  say(messages: Words): void;
  /**
   * Asks the venue something that changes no subscription: sends what `encode` makes for the id
   * that the answer will bear. Rejects with a `WsError`: refused, unanswered in time, not sent, or
   * the connection ended.
   */
  query(encode: (id: number) => Words): Promise<unknown>;
  /**
   * Ends this connection, for this reason, in favour of a new one. Where that is done again and
   * again, it waits for a pause that doubles from 1 s to 60 s. Ignored after the end.
   */
  giveUp(reason: string): void;
  /** See {@link Inbox.resync}. Ignored after the end. */
  resync(topic: string): void;
}

/**
 * What an adapter keeps of one connection: made when the connection begins, and forgotten with it.
 */
export interface EpochSession {
  /** The language of this connection. Default: the feed's `grammar`. */
  readonly grammar?: Grammar | undefined;
  /** The login of this connection. Default: the feed's `login`. */
  readonly login?: Login | undefined;
  /** What is said regularly on this connection. Default: the feed's `keepalive`. */
  readonly keepalive?: Keepalive | undefined;
  /**
   * Nothing may be sent on the connection any more: it ended, or is being closed. Called once; end
   * your timers. The grammar may still be given frames that had arrived.
   */
  ended?(): void;
  /**
   * A topic fell silent for longer than its subscriber or its rhythm says, on a connection that is
   * heard. For venues that let topics end without a word: ask for it again. Default: nothing.
   */
  stale?(topic: string): void;
}
