import { WsError } from "@oath-ws/contract";
import type { EpochContext, EpochSession } from "./epoch-context.js";
import type { Grammar } from "./grammar.js";

/** How the languages of connections are had: one for all, or one for each. */
export interface EpochOptions {
  /** The language of all connections that have none of their own. */
  readonly grammar?: Grammar | undefined;
  /**
   * A connection begins: gives what the adapter keeps of it. Called before anything is sent on it.
   * One that throws is a fault, and the connection is given up. Default: nothing is kept.
   */
  readonly onEpoch?: ((connection: EpochContext) => EpochSession | undefined) | undefined;
}

/** What the adapter's state of a connection can do with its link. */
export interface EpochOwner extends Omit<EpochContext, "epoch" | "isOpen"> {
  fault(error: unknown): void;
}

/** The context of one epoch: does nothing once that has ended. */
class LinkEpoch implements EpochContext {
  readonly epoch: number;
  isOpen = true;
  readonly #owner: EpochOwner;

  constructor(epoch: number, owner: EpochOwner) {
    this.epoch = epoch;
    this.#owner = owner;
  }

  say(messages: Parameters<EpochContext["say"]>[0]): void {
    if (this.isOpen) this.#owner.say(messages);
  }

  query(encode: Parameters<EpochContext["query"]>[0]): Promise<unknown> {
    return this.isOpen ? this.#owner.query(encode) : Promise.reject(notConnected());
  }

  giveUp(reason: string): void {
    if (this.isOpen) this.#owner.giveUp(reason);
  }

  resync(topic: string): void {
    if (this.isOpen) this.#owner.resync(topic);
  }
}

/**
 * The adapter's states of one link's connections: one for each epoch, made by `onEpoch`. Frames of
 * an epoch that has ended may still wait in the receive buffer; they are read by the grammar of
 * their epoch, so that what it kept is not mixed with the next one's.
 */
export class EpochSessions {
  readonly #options: EpochOptions;
  readonly #owner: EpochOwner;
  /** By epoch, from the oldest one that may still have frames in the buffer. */
  readonly #grammars = new Map<number, Grammar>();
  #current: { readonly context: LinkEpoch; readonly session: EpochSession } | undefined;
  #readEpoch = 0;
  #reader: Grammar = SPEECHLESS;

  constructor(options: EpochOptions, owner: EpochOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** The connection of this epoch begins. */
  begin(epoch: number): void {
    this.end();
    const context = new LinkEpoch(epoch, this.#owner);
    const session = this.#make(context);
    this.#current = { context, session };
    this.#grammars.set(epoch, this.#grammarOf(session));
    // Connections that bring nothing are forgotten here.
    for (const old of this.#grammars.keys()) {
      if (this.#grammars.size <= MAX_KEPT) break;
      this.#grammars.delete(old);
    }
  }

  /** What the adapter keeps of the connection that stands. */
  get session(): EpochSession {
    return this.#current?.session ?? {};
  }

  /** The language of the connection that stands, or stood last. */
  get grammar(): Grammar {
    return this.#grammarOf(this.session);
  }

  /**
   * Who reads the frames of this epoch. Asked for in the order of epochs. Those of one that had
   * ended before it was noticed are not read: nothing was subscribed on it.
   */
  reader(epoch: number): Grammar {
    if (epoch === this.#readEpoch) return this.#reader;
    for (const old of this.#grammars.keys()) if (old < epoch) this.#grammars.delete(old);
    this.#readEpoch = epoch;
    this.#reader = this.#grammars.get(epoch) ?? SPEECHLESS;
    return this.#reader;
  }

  /** A topic fell silent by itself. */
  stale(topic: string): void {
    if (this.#current?.context.isOpen === true) this.#tell((session) => session.stale?.(topic));
  }

  /** Nothing is sent on the connection any more. */
  end(): void {
    const current = this.#current;
    if (current?.context.isOpen !== true) return;
    current.context.isOpen = false;
    this.#tell((session) => session.ended?.());
  }

  #tell(tell: (session: EpochSession) => void): void {
    try {
      tell(this.session);
    } catch (error) {
      this.#owner.fault(error);
    }
  }

  #make(context: LinkEpoch): EpochSession {
    try {
      return this.#options.onEpoch?.(context) ?? {};
    } catch (cause) {
      const message = "the adapter could not begin a connection";
      this.#owner.fault(new WsError({ kind: "client", code: "EPOCH_FAULT", message, cause }));
      context.giveUp(message);
      return { grammar: SPEECHLESS };
    }
  }

  #grammarOf(session: EpochSession): Grammar {
    return session.grammar ?? this.#options.grammar ?? SPEECHLESS;
  }
}

/** Connections of which the frames may wait in the buffer at once. */
const MAX_KEPT = 16;

/** For a connection whose language could not be had, and which is on its way out. */
const SPEECHLESS: Grammar = {
  encode: () => {
    throw new TypeError("the connection has no grammar");
  },
  receive: () => undefined,
};

/** Why a question cannot be asked. */
export function notConnected(): WsError {
  const message = "the feed is not connected";
  return new WsError({ kind: "connection", code: "NOT_CONNECTED", message });
}
