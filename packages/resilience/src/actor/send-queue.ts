import type {
  Frame,
  LeafConnection,
  SendOptions,
  StackErrorCode,
  Timer,
  WsSink,
} from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { LinkedList } from "../primitives/linked-list.js";
import { RollingWindow } from "../core/rolling-window.js";
import { cancelled } from "../primitives/cancelled.js";
import { closeFault, frameBytes, frameFault } from "../primitives/frame-fault.js";
import { PendingSend } from "./pending-send.js";
import type { PendingSendOwner } from "./pending-send.js";
import { epochEnded, fateUnknown, sendFailure } from "./send-failure.js";

/** The settings of a {@link SendQueue}; see `ResilienceConfig.send`. */
export interface SendLimits {
  readonly rateLimit: { readonly max: number; readonly windowMs: number } | undefined;
  readonly maxPending: number;
  readonly maxPendingBytes: number;
}

/** How a `whileDown: "wait"` send is bounded in time unless it says otherwise. */
const DEFAULT_DEADLINE_MS = 10_000;

interface Open {
  readonly epoch: number;
  readonly connection: Pick<LeafConnection, "send">;
}

/**
 * The send axis: sink > rate limit > socket. A send goes out at once when it may; otherwise it is
 * in exactly one of three lists, each in the order of the calls, until its fate is known:
 *
 * - `waiting`: opted in to wait for a connection (`whileDown: "wait"`)
 * - `queued`: belongs to the present epoch and waits for the rate limit
 * - `inFlight`: handed to the leaf, which has not yet said what became of it
 *
 * The end of an epoch rejects `queued` (`EPOCH_ENDED`) and `inFlight` (`SEND_FATE_UNKNOWN`): no
 * send crosses a reconnect unless its caller asked for it.
 */
export class SendQueue implements WsSink, PendingSendOwner {
  readonly #limits: SendLimits;
  readonly #timer: Timer;
  readonly #window: RollingWindow | undefined;
  readonly #wakeActor: () => void;
  readonly #waiting = new LinkedList<PendingSend>();
  readonly #queued = new LinkedList<PendingSend>();
  readonly #inFlight = new LinkedList<PendingSend>();
  #open: Open | undefined;
  #pendingBytes = 0;
  /**
   * Waiting sends join the queue on the first timer's turn after the one that announced the new
   * epoch: by then everything that the announcement set off has run, so a login goes first.
   */
  #release: { readonly at: number; announced: boolean } | undefined;
  #closed: (() => WsError) | undefined;
  #closeCode: number | undefined;
  #closeReason: string | undefined;
  #onIdle: (() => void)[] | undefined = undefined;

  constructor(limits: SendLimits, timer: Timer, wakeActor: () => void) {
    this.#limits = limits;
    this.#timer = timer;
    this.#window =
      limits.rateLimit && new RollingWindow(limits.rateLimit.max, limits.rateLimit.windowMs);
    this.#wakeActor = wakeActor;
  }

  /** What the owner of the sink wants in the close frame. */
  get closeFrame(): { readonly code: number | undefined; readonly reason: string | undefined } {
    return { code: this.#closeCode, reason: this.#closeReason };
  }

  send(frame: Frame | string | Uint8Array, options?: SendOptions): Promise<void> {
    const fault = frameFault(frame) ?? optionsFault(options);
    if (fault !== undefined) return refuse("client", "FRAME_INVALID", fault);
    if (options?.signal?.aborted === true) return cancelled(options.signal);
    if (this.#closed !== undefined) return Promise.reject(this.#closed());
    const open = this.#open;
    if (open === undefined && options?.whileDown !== "wait") {
      return refuse("connection", "NOT_CONNECTED", "there is no connection to send on");
    }
    if (options?.epoch !== undefined && options.epoch !== open?.epoch) {
      const now =
        open === undefined ? "there is no connection" : `the current epoch is ${open.epoch}`;
      return Promise.reject(
        epochEnded(options.epoch, `the send is pinned to that epoch, but ${now}`),
      );
    }
    const bytes = frameBytes(frame);
    if (
      this.#pending >= this.#limits.maxPending ||
      this.#pendingBytes + bytes > this.#limits.maxPendingBytes
    ) {
      const message = `${this.#pending} sends (${this.#pendingBytes} bytes) are unsettled (send.maxPending, send.maxPendingBytes)`;
      return refuse("throttled", "SEND_QUEUE_FULL", message);
    }
    return new Promise((resolve, reject) => {
      this.#accept(frame, bytes, options, resolve, reject);
    });
  }

  async close(code?: number, reason?: string): Promise<void> {
    const fault = closeFault(code, reason);
    if (fault !== undefined)
      throw new WsError({ kind: "client", code: "FRAME_INVALID", message: fault });
    if (this.#closed === undefined) {
      this.closeWith(code, reason);
      this.#closed = () =>
        new WsError({
          kind: "client",
          code: "SINK_CLOSED",
          message: "the sink was closed by its owner",
        });
    }
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      (this.#onIdle ??= []).push(resolve);
    });
  }

  /** Chooses what the close frame will say. */
  closeWith(code: number | undefined, reason: string | undefined): void {
    this.#closeCode = code;
    this.#closeReason = reason;
  }

  /** Records a control frame of ours that could not wait. */
  charge(): void {
    this.#window?.charge(this.#timer.now());
  }

  /**
   * A connection of a new epoch is there. Waiting sends follow in a later turn, so that a login can
   * go first.
   */
  opened(epoch: number, connection: Pick<LeafConnection, "send">, now: number): void {
    this.#open = { epoch, connection };
    if (this.#waiting.size > 0) this.#release = { at: now, announced: false };
  }

  /** The connection is gone. */
  ended(why: string): void {
    const open = this.#open;
    this.#open = undefined;
    this.#release = undefined;
    // Only an open connection has sends of its own.
    if (open === undefined) return;
    for (const pending of this.#queued) this.#reject(pending, epochEnded(open.epoch, why));
    for (const pending of this.#inFlight) this.#reject(pending, fateUnknown(open.epoch, why));
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

  /**
   * Whether no send waits for a connection or for the rate limit, so that {@link advance} has
   * nothing to do whatever the time.
   */
  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#queued.size === 0 && this.#release === undefined;
  }

  /** When {@link advance} has something to do; `undefined` when nothing is due. */
  get nextDeadline(): number | undefined {
    if (this.isIdle) return undefined;
    let deadline = this.#release?.at;
    if (this.#queued.size > 0 && this.#window !== undefined)
      deadline = earlier(deadline, this.#window.readyAt);
    for (const set of [this.#waiting, this.#queued]) {
      for (const pending of set) deadline = earlier(deadline, pending.deadline);
    }
    return deadline;
  }

  /** Sends what the limit allows by now, and gives up on sends that have waited long enough. */
  advance(now: number, timerFired: boolean): void {
    if (this.isIdle) return;
    for (const set of [this.#waiting, this.#queued]) {
      for (const pending of set) if (pending.deadline <= now) this.#reject(pending, tooLate());
    }
    if (this.#release?.announced === true && timerFired) {
      this.#release = undefined;
      for (const pending of this.#waiting) {
        this.#waiting.delete(pending);
        this.#queued.add(pending);
      }
    } else if (this.#release !== undefined) {
      this.#release.announced = true;
    }
    for (const pending of this.#queued) {
      if (this.#window?.isReady(now) === false) return;
      this.#dispatch(pending, now);
    }
  }

  get #pending(): number {
    return this.#waiting.size + this.#queued.size + this.#inFlight.size;
  }

  #accept(
    frame: Frame | string | Uint8Array,
    bytes: number,
    options: SendOptions | undefined,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ): void {
    const waits = this.#open === undefined;
    const now = waits || this.#window !== undefined ? this.#timer.now() : 0;
    const deadline = waits
      ? now + (options?.deadlineMs ?? DEFAULT_DEADLINE_MS)
      : Number.POSITIVE_INFINITY;
    const pending = new PendingSend(this, frame, bytes, deadline, options?.signal, resolve, reject);
    this.#pendingBytes += bytes;
    if (waits) {
      this.#waiting.add(pending);
      this.#wakeActor();
    } else if (this.#queued.size > 0 || this.#window?.isReady(now) === false) {
      this.#queued.add(pending);
      this.#wakeActor();
    } else {
      this.#dispatch(pending, now);
    }
  }

  #dispatch(pending: PendingSend, now: number): void {
    if (this.#open === undefined) return;
    const { epoch, connection } = this.#open;
    this.#queued.delete(pending);
    this.#inFlight.add(pending);
    pending.epoch = epoch;
    this.#window?.charge(now);
    connection.send(pending.frame, pending);
  }

  sent(pending: PendingSend): void {
    if (this.#forget(pending)) pending.resolve();
  }

  failed(pending: PendingSend, error: unknown): void {
    this.#reject(pending, sendFailure(error, pending.epoch));
  }

  withdrawn(pending: PendingSend, reason: unknown): void {
    // What the leaf has cannot be called back.
    if (pending.list !== this.#inFlight) this.#reject(pending, reason);
  }

  #reject(pending: PendingSend, reason: unknown): void {
    if (this.#forget(pending)) pending.reject(reason);
  }

  /** Whether the send was still unsettled. */
  #forget(pending: PendingSend): boolean {
    if (pending.list?.delete(pending) !== true) return false;
    this.#pendingBytes -= pending.bytes;
    pending.release();
    if (this.#onIdle !== undefined && this.#pending === 0) {
      for (const resolve of this.#onIdle) resolve();
      this.#onIdle = undefined;
    }
    return true;
  }
}

function refuse(kind: WsError["kind"], code: StackErrorCode, message: string): Promise<never> {
  return Promise.reject(new WsError({ kind, code, message }));
}

function tooLate(): WsError {
  const message = "the frame could not leave in time (deadlineMs)";
  return new WsError({ kind: "timeout", code: "SEND_DEADLINE", message });
}

function optionsFault(options: SendOptions | undefined): string | undefined {
  const deadline = options?.deadlineMs;
  if (deadline === undefined || (Number.isFinite(deadline) && deadline > 0)) return undefined;
  return `deadlineMs must be a positive number of milliseconds, got ${String(deadline)}`;
}

function earlier(a: number | undefined, b: number): number {
  return a === undefined || b < a ? b : a;
}
