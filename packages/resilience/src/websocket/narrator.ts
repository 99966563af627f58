import type {
  LifecycleSnapshot,
  Phase,
  ReceivedFrame,
  ReconnectingConnection,
  WsError,
} from "@oath-ws/contract";
import { isTerminal } from "@oath-ws/contract";
import { INITIAL_SNAPSHOT } from "../core/initial-snapshot.js";
import { gateWait } from "./gate-wait.js";
import type { GateWait } from "./gate-wait.js";

/** How a connection ended. */
export interface Ending {
  /** 0 when there never was one. */
  readonly epoch: number;
  /** What ended it; `undefined` when it was shut down. */
  readonly cause: WsError | undefined;
  /** Nothing will follow. */
  readonly final: boolean;
}

/**
 * Is told, in the order in which it happened to the stream, what became of a connection. None of
 * these may throw.
 */
export interface Audience {
  opened(epoch: number): void;
  message(frame: ReceivedFrame): void;
  /** Messages with these places in the stream were dropped. */
  lagged(fromSeq: number, toSeq: number): void;
  stale(epoch: number): void;
  /** The next attempt has to wait for the attempt gate. Told when such a wait begins. */
  waiting(wait: GateWait): void;
  /** An attempt failed. */
  failed(error: WsError): void;
  /** Comes once for every `opened`, and with `final` at the very end. */
  closed(ending: Ending): void;
}

/**
 * Whether it is an error to be told of: a peer that closes politely and a reconnect that was asked
 * for are not.
 */
export function isFault(error: WsError): boolean {
  return error.code !== "PEER_CLOSED" && error.code !== "FORCED";
}

/**
 * Makes one story of the two channels of a connection. The lifecycle runs ahead of the data: when
 * it says "down", messages of that connection may still be in the buffer. Whatever woke us, the
 * buffer is therefore emptied first, and only then the lifecycle is followed; so all messages of a
 * connection come between its `opened` and its `closed`.
 */
export class Narrator {
  readonly #connection: ReconnectingConnection;
  readonly #audience: Audience;
  /** How far the story has been told. */
  #told: LifecycleSnapshot = INITIAL_SNAPSHOT;
  /** The last failure that was told, or that belongs to something told. */
  #toldCause: WsError | undefined;
  #epoch = 0;
  #open = false;
  #seq = 0;
  #over = false;

  constructor(connection: ReconnectingConnection, audience: Audience) {
    this.#connection = connection;
    this.#audience = audience;
  }

  start(): void {
    this.#connection.lifecycle.subscribe(() => this.#catchUp());
    // A socket that waits for the gate may have begun to before this, and nothing changes then.
    this.#catchUp();
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      while (await this.#connection.source.readable()) this.#catchUp();
    } catch {
      // What ended the source is the lifecycle's cause.
    }
    this.#catchUp();
  }

  #catchUp(): void {
    if (this.#over) return;
    const { source, lifecycle } = this.#connection;
    for (let frame = source.take(); frame !== undefined; frame = source.take())
      this.#deliver(frame);
    const now = lifecycle.snapshot;
    if (now !== this.#told) this.#follow(now);
  }

  #deliver(frame: ReceivedFrame): void {
    if (frame.epoch > this.#epoch) this.#enter(frame.epoch, this.#connection.lifecycle.snapshot);
    if (frame.seq > this.#seq + 1) this.#audience.lagged(this.#seq + 1, frame.seq - 1);
    this.#seq = frame.seq;
    this.#audience.message(frame);
  }

  #follow(now: LifecycleSnapshot): void {
    if (now.epoch > this.#epoch) this.#enter(now.epoch, now);
    const before = this.#told;
    this.#told = now;
    if (now.staleCount > before.staleCount) this.#audience.stale(this.#epoch);
    const cause = this.#newCause(now);
    if (isTerminal(now.phase)) {
      this.#over = true;
      // After a shutdown the cause is that of some earlier break.
      this.#leave(now.phase === "unrecoverable" || now.exhausted ? now.cause : undefined, true);
    } else if (this.#open && isDown(now.phase)) {
      this.#leave(cause, false);
    } else if (cause !== undefined && isFault(cause)) {
      this.#audience.failed(cause);
    }
    const wait = gateWait(now);
    if (wait !== undefined && wait.waitingFor !== gateWait(before)?.waitingFor)
      this.#audience.waiting(wait);
  }

  /**
   * The connection of an epoch is up; or was, and ended before we looked. The one before it must
   * have ended too.
   *
   * @param now tells why, if it is of that very connection and from when it was up; a later one has
   *   later causes
   */
  #enter(epoch: number, now: LifecycleSnapshot): void {
    const cause = now.epoch === epoch && !isDown(now.phase) ? this.#newCause(now) : undefined;
    if (this.#open) this.#leave(cause, false);
    else if (cause !== undefined && isFault(cause)) this.#audience.failed(cause);
    this.#epoch = epoch;
    this.#open = true;
    this.#audience.opened(epoch);
  }

  #newCause(now: LifecycleSnapshot): WsError | undefined {
    if (now.cause === this.#toldCause) return undefined;
    this.#toldCause = now.cause;
    return now.cause;
  }

  #leave(cause: WsError | undefined, final: boolean): void {
    this.#open = false;
    this.#audience.closed({ epoch: this.#epoch, cause, final });
  }
}

function isDown(phase: Phase): boolean {
  return phase === "connecting" || phase === "reconnecting" || isTerminal(phase);
}
