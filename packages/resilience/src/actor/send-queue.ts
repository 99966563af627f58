import type {
  ConnectionIdentity,
  Frame,
  LeafConnection,
  SendOptions,
  Timer,
  WsError,
  WsSink,
} from "@oath-ws/contract";
import { AbortWatch } from "../primitives/abort-watch.js";
import { earliest } from "../primitives/alarm.js";
import { cancelled } from "../primitives/cancelled.js";
import { closeFault, frameBytes, frameFault } from "../primitives/frame-fault.js";
import { DEFAULT_DEADLINE_MS, NO_CLOSE_FRAME } from "./send-settings.js";
import type { CloseFrameInit, SendLimits } from "./send-settings.js";
import { NO_SENDS, PendingSend, withSend } from "./pending-send.js";
import type { PendingSendOwner } from "./pending-send.js";
import { optionsFault, SendFailures } from "./send-failure.js";
import { SendExpiry } from "./send-expiry.js";
import { SendLimit } from "./send-limit.js";
import type { Trace } from "../core/trace.js";

interface Open {
  readonly epoch: number;
  readonly connection: Pick<LeafConnection, "send">;
}

/**
 * The send axis: sink > rate limit > socket. A send goes out at once when it may. It is in exactly
 * one of these lists, each in the order of the calls, until its fate is known:
 *
 * - `waiting`: opted in to wait for a connection (`whileDown: "wait"`)
 * - `queued`: belongs to the present epoch and waits for the rate limit, which waits for the socket
 * - `inFlight`: handed to the leaf, which has not yet said what became of it
 * - `givenUp`: like `inFlight`, but the caller has been told already that the fate is unknown,
 *   because of its deadline or its signal. It counts for the limits while the leaf holds its bytes
 *
 * The end of an epoch rejects `queued` (`EPOCH_ENDED`) and `inFlight` (`SEND_FATE_UNKNOWN`): no
 * send crosses a reconnect unless its caller asked for it.
 */
export class SendQueue implements WsSink, PendingSendOwner {
  readonly #limits: SendLimits;
  readonly #timer: Timer;
  readonly #connection: ConnectionIdentity;
  /** Made with the first deadline. */
  #expiry: SendExpiry | undefined = undefined;
  readonly #limit: SendLimit | undefined;
  readonly #wakeActor: () => void;
  /** Made with the first signal: most connections never get one. */
  #signals: AbortWatch<PendingSend> | undefined = undefined;
  // Each is NO_SENDS until something is put into it: most connections never use all of them.
  #waiting = NO_SENDS;
  #queued = NO_SENDS;
  #inFlight = NO_SENDS;
  #givenUp = NO_SENDS;
  #open: Open | undefined;
  /** The epoch that is ending, and why, while its socket parts and the next one is open. */
  #parting: { readonly epoch: number; readonly why: string } | undefined;
  #pendingBytes = 0;
  #givenUpBytes = 0;
  #sentCount = 0;
  /** The last time that was looked at, for sends that join others. */
  #stamp = 0;
  /**
   * Waiting sends join the queue on the first timer's turn after the one that announced the new
   * epoch: by then everything that the announcement set off has run, so a login goes first.
   */
  #release: { readonly at: number; announced: boolean } | undefined;
  #closed: (() => WsError) | undefined;
  #closeFrame: CloseFrameInit = NO_CLOSE_FRAME;
  #onIdle: (() => void)[] | undefined = undefined;

  constructor(
    limits: SendLimits,
    timer: Timer,
    wakeActor: () => void,
    trace: Trace,
    connection: ConnectionIdentity,
  ) {
    this.#limits = limits;
    this.#connection = connection;
    this.#timer = timer;
    this.#limit =
      limits.rateLimit &&
      new SendLimit(limits.rateLimit, timer, {
        starved: (at, left) => trace({ kind: "starved", at, unsettled: this.unsettled, ...left }),
        left: () => {
          if (!this.isIdle) wakeActor();
        },
      });
    this.#wakeActor = wakeActor;
  }

  /** The rate limit; `undefined` for none. */
  get limit(): SendLimit | undefined {
    return this.#limit;
  }

  /** Sends whose promise is not settled. */
  get unsettled(): number {
    return this.#waiting.size + this.#queued.size + this.#inFlight.size;
  }

  /** Their payload bytes; a string counts one byte a UTF-16 unit. */
  get unsettledBytes(): number {
    return this.#pendingBytes - this.#givenUpBytes;
  }

  /**
   * When the oldest of them was made, in milliseconds of the timer; `undefined` for none. Sends
   * that join others take the time of the last turn, so it may be early by that.
   */
  get oldestUnsettledAt(): number | undefined {
    let oldest: number | undefined;
    for (const list of [this.#waiting, this.#queued, this.#inFlight]) {
      for (const { at } of list) oldest = earliest(oldest, at);
    }
    return oldest;
  }

  /** Whether the leaf holds frames of which it has not said that they left. */
  get isWriting(): boolean {
    return this.#inFlight.size > 0 || this.#givenUp.size > 0;
  }

  /** Frames that left so far, by the word of the leaf. */
  get sentCount(): number {
    return this.#sentCount;
  }

  /** What the owner of the sink wants in the close frame. */
  get closeFrame(): CloseFrameInit {
    return this.#closeFrame;
  }

  send(frame: Frame | string | Uint8Array, options?: SendOptions): Promise<void> {
    const fault = frameFault(frame) ?? optionsFault(options);
    if (fault !== undefined) return Promise.reject(this.#failures.invalid(fault));
    const bytes = frameBytes(frame);
    const { maxPending, maxPendingBytes } = this.#limits;
    if (bytes > maxPendingBytes)
      return Promise.reject(this.#failures.tooBig(bytes, maxPendingBytes));
    if (options?.signal?.aborted === true) return cancelled(options.signal);
    if (this.#closed !== undefined) return Promise.reject(this.#closed());
    const open = this.#open;
    const parting = this.#parting;
    const waits = options?.whileDown === "wait";
    const pinned = options?.epoch ?? (waits ? undefined : parting?.epoch);
    if (parting !== undefined && pinned === parting.epoch)
      return Promise.reject(this.#failures.epochEnded(parting.epoch, parting.why));
    if (open === undefined && !waits) return Promise.reject(this.#failures.nothingOpen());
    if (options?.epoch !== undefined && options.epoch !== open?.epoch)
      return Promise.reject(this.#failures.notInEpoch(options.epoch, open?.epoch));
    if (this.#pending >= maxPending || this.#pendingBytes + bytes > maxPendingBytes)
      return Promise.reject(this.#failures.queueFull(this.#pending, this.#pendingBytes));
    return new Promise((resolve, reject) => {
      this.#accept(frame, bytes, options, resolve, reject);
    });
  }

  async close(code?: number, reason?: string): Promise<void> {
    const fault = closeFault(code, reason);
    if (fault !== undefined) throw this.#failures.invalid(fault);
    if (this.#closed === undefined) {
      this.closeWith(code, reason);
      this.#closed = () => this.#failures.sinkClosed();
    }
    if (this.unsettled === 0) return;
    await new Promise<void>((resolve) => {
      (this.#onIdle ??= []).push(resolve);
    });
  }

  /** Chooses what the close frame will say. */
  closeWith(code: number | undefined, reason: string | undefined): void {
    this.#closeFrame = { code, reason };
  }

  /** Lets the answer to a ping leave, now or when the rate limit allows; see {@link SendLimit}. */
  pong(leave: () => boolean): void {
    if (this.#limit === undefined) return void leave();
    this.#limit.pong(this.#timer.now(), leave);
    if (this.#limit.holdsPong) this.#wakeActor();
  }

  /**
   * A connection of a new epoch is there. Waiting sends follow in a later turn, so that a login can
   * go first.
   */
  opened(epoch: number, connection: Pick<LeafConnection, "send">, now: number): void {
    this.#open = { epoch, connection };
    if (this.#waiting.size > 0) this.#release = { at: now, announced: false };
  }

  /** As {@link letGo}, and the connection stays up: the next one is there already. */
  part(why: string): void {
    if (this.#open !== undefined) this.#parting = { epoch: this.#open.epoch, why };
    this.letGo(why);
  }

  /** The connection takes no more sends. Those in flight may still be confirmed. */
  letGo(why: string): void {
    const open = this.#open;
    this.#open = undefined;
    this.#release = undefined;
    this.#limit?.dropPong();
    // Only an open connection has sends of its own.
    if (open === undefined) return;
    for (const pending of this.#queued)
      this.#reject(pending, this.#failures.epochEnded(open.epoch, why));
  }

  /** The connection is gone; without an error it was shut down. */
  ended(error: WsError | undefined): void {
    const why = error?.message ?? "the connection was shut down";
    this.letGo(why);
    this.#parting = undefined;
    for (const pending of this.#inFlight)
      this.#reject(pending, this.#failures.fateUnknown(pending.epoch, why, error));
    for (const pending of this.#givenUp) this.#forget(pending);
    this.#limit?.ended();
  }

  /**
   * No send will be accepted any more; those that have not left reject. Frames in flight may still
   * be confirmed.
   */
  shut(error: () => WsError): void {
    this.#closed = error;
    for (const set of [this.#waiting, this.#queued]) {
      for (const pending of set) this.#reject(pending, error());
    }
  }

  /** Whether {@link advance} would send nothing, whatever the time. */
  get isIdle(): boolean {
    return (
      this.#waiting.size === 0 &&
      this.#queued.size === 0 &&
      this.#release === undefined &&
      this.#limit?.holdsPong !== true
    );
  }

  /** When {@link advance} has something to do; `undefined` when nothing is due. */
  get nextDeadline(): number | undefined {
    let deadline = this.#expiry?.dueAt;
    if (this.isIdle) return deadline;
    deadline = earliest(deadline, this.#release?.at);
    if (this.#limit === undefined) return deadline;
    if (this.#queued.size > 0) deadline = earliest(deadline, this.#limit.readyAt);
    if (this.#limit.holdsPong) deadline = earliest(deadline, this.#limit.pongReadyAt);
    return deadline === Number.POSITIVE_INFINITY ? undefined : deadline;
  }

  /** Sends what the limit allows by now, and gives up on sends whose deadline has passed. */
  advance(now: number, timerFired: boolean): void {
    this.#stamp = now;
    this.#expire();
    if (this.isIdle) return;
    this.#limit?.advance(now);
    if (this.#release?.announced === true && timerFired) {
      this.#release = undefined;
      for (const pending of this.#waiting) {
        this.#waiting.delete(pending);
        this.#queued = withSend(this.#queued, pending);
      }
    } else if (this.#release !== undefined) {
      this.#release.announced = true;
    }
    for (const pending of this.#queued) {
      if (this.#limit?.isReady(now) === false) return;
      this.#dispatch(pending, now);
    }
  }

  get #failures(): SendFailures {
    return new SendFailures(this.#connection);
  }

  /** What counts for the limits. */
  get #pending(): number {
    return this.unsettled + this.#givenUp.size;
  }

  /** Rejects the sends whose deadline has passed. */
  #expire(): void {
    const expiry = this.#expiry;
    const reading = expiry?.take();
    if (expiry === undefined || reading === undefined) return;
    for (const list of [this.#waiting, this.#queued, this.#inFlight]) {
      for (const pending of list) {
        if (pending.deadline > reading) expiry.add(pending.deadline);
        else this.#giveUp(pending, this.#failures.tooLate(), "its deadline (deadlineMs) passed");
      }
    }
  }

  #accept(
    frame: Frame | string | Uint8Array,
    bytes: number,
    options: SendOptions | undefined,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ): void {
    const waits = this.#open === undefined;
    if (waits || this.#limit !== undefined || this.unsettled === 0) this.#stamp = this.#timer.now();
    const at = this.#stamp;
    const deadlineMs = options?.deadlineMs ?? (waits ? DEFAULT_DEADLINE_MS : undefined);
    let deadline = Number.POSITIVE_INFINITY;
    if (deadlineMs !== undefined)
      deadline = (this.#expiry ??= new SendExpiry(this.#timer)).after(deadlineMs);
    const signal = options?.signal;
    const pending = new PendingSend(this, frame, bytes, at, deadline, signal, resolve, reject);
    if (signal !== undefined) this.#watched().add(signal, pending);
    this.#pendingBytes += bytes;
    if (this.#expiry?.add(deadline) === true) this.#wakeActor();
    if (waits) {
      this.#waiting = withSend(this.#waiting, pending);
      this.#wakeActor();
    } else if (this.#queued.size > 0 || this.#limit?.isReady(at) === false) {
      this.#queued = withSend(this.#queued, pending);
      this.#wakeActor();
    } else {
      this.#dispatch(pending, at);
    }
  }

  #dispatch(pending: PendingSend, now: number): void {
    if (this.#open === undefined) return;
    const { epoch, connection } = this.#open;
    this.#queued.delete(pending);
    this.#inFlight = withSend(this.#inFlight, pending);
    pending.epoch = epoch;
    this.#limit?.hold(now);
    connection.send(pending.frame, pending);
  }

  sent(pending: PendingSend): void {
    this.#sentCount++;
    const wasGivenUp = pending.list === this.#givenUp;
    if (this.#forget(pending) && !wasGivenUp) pending.resolve();
  }

  failed(pending: PendingSend, error: unknown): void {
    if (pending.list === this.#givenUp) this.#forget(pending);
    else this.#reject(pending, this.#failures.ofLeaf(error, pending.epoch));
  }

  #watched(): AbortWatch<PendingSend> {
    return (this.#signals ??= new AbortWatch((pending, reason) => {
      this.#giveUp(pending, reason, "its signal gave it up");
    }));
  }

  /**
   * The caller does not wait any longer. What the leaf has cannot be called back, and its fate is
   * unknown.
   */
  #giveUp(pending: PendingSend, reason: unknown, why: string): void {
    if (pending.list !== this.#inFlight) return this.#reject(pending, reason);
    this.#inFlight.delete(pending);
    this.#givenUp = withSend(this.#givenUp, pending);
    this.#givenUpBytes += pending.bytes;
    this.#unwatch(pending);
    pending.reject(this.#failures.fateUnknown(pending.epoch, why, reason));
    this.#settled();
  }

  #reject(pending: PendingSend, reason: unknown): void {
    if (this.#forget(pending)) pending.reject(reason);
  }

  /** Returns whether the fate of the send was still open. */
  #forget(pending: PendingSend): boolean {
    const { list } = pending;
    if (list?.delete(pending) !== true) return false;
    this.#pendingBytes -= pending.bytes;
    if (list === this.#inFlight || list === this.#givenUp) this.#limit?.left();
    if (list === this.#givenUp) {
      this.#givenUpBytes -= pending.bytes;
    } else {
      this.#unwatch(pending);
      this.#settled();
    }
    return true;
  }

  #unwatch(pending: PendingSend): void {
    if (pending.signal !== undefined) this.#signals?.delete(pending.signal, pending);
  }

  #settled(): void {
    if (this.#onIdle === undefined || this.unsettled > 0) return;
    for (const resolve of this.#onIdle) resolve();
    this.#onIdle = undefined;
  }
}
