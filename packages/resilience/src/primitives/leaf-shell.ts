import type {
  Frame,
  LeafConnection,
  LeafEvents,
  LeafFrame,
  SendOutcome,
  Timer,
  WsError,
} from "@oath-ws/contract";
import { asWsError } from "./as-ws-error.js";
import { scheduleDeadline } from "./deadline.js";
import { closeFault, frameFault } from "./frame-fault.js";
import {
  frameInvalid,
  notConnected,
  peerClosed,
  sendFateUnknown,
  sinkClosed,
  socketLost,
} from "./leaf-errors.js";
import { Linked, LinkedList } from "./linked-list.js";

/** What the connections of a connector have in common. */
export interface LeafShellOptions {
  /** Stamps the reads, and bounds closing handshakes. */
  readonly timer: Pick<Timer, "now" | "schedule">;
  /** How long a closing handshake may take before the socket is dropped, in milliseconds. */
  readonly closeTimeoutMs: number;
}

/** A send that the socket was given and has not confirmed. */
class UnsettledSend extends Linked<UnsettledSend> {
  readonly outcome: SendOutcome;

  constructor(outcome: SendOutcome) {
    super();
    this.outcome = outcome;
  }
}

/**
 * The part of a connection that is the same over every socket. It keeps the promises of
 * {@link LeafEvents} (`opened` first, `ended` last and once, nothing after it), refuses sends that
 * cannot leave, settles every send, and bounds closing handshakes in time.
 *
 * A connector extends it with the socket's three operations and calls {@link open} once, then
 * {@link read}, {@link frame}, {@link dropped}, {@link closed}, {@link failed} and {@link gone} as
 * things happen. It may call these at any time; what must not be told any more is swallowed.
 */
export abstract class LeafShell implements LeafConnection {
  abstract readonly protocol: string;
  abstract readonly headers: Readonly<Record<string, string>>;
  abstract readonly controlFrames: boolean;
  abstract readonly bufferedBytes: number;
  readonly #events: LeafEvents;
  readonly #options: LeafShellOptions;
  /** Made with the first send. */
  #unsettled: LinkedList<UnsettledSend> | undefined = undefined;
  /** The owner asked for the end, so however the socket then dies, it is no failure. */
  #endedByOwner = false;
  #isClosing = false;
  #peerClosed: WsError | undefined = undefined;
  #ended = false;
  /** The socket is gone, or was dropped. */
  #isGone = false;
  #cancelDrop: (() => void) | undefined = undefined;

  constructor(events: LeafEvents, options: LeafShellOptions) {
    this.#events = events;
    this.#options = options;
  }

  /**
   * Hands a valid frame to the socket. A throw says that it certainly did not leave; a `WsError` is
   * told as it is.
   *
   * @param done call it when the operating system has the frame, or with the reason why not;
   *   possibly within the call
   */
  protected abstract write(
    frame: Frame | string | Uint8Array,
    done: (error?: Error | null) => void,
  ): void;

  /** Sends a valid close frame, without a code for 1005. Called at most once. */
  protected abstract writeClose(code: number, reason: string): void;

  /** Drops the socket now. Called at most once, and not after {@link gone}. */
  protected abstract terminate(): void;

  send(frame: Frame | string | Uint8Array, outcome: SendOutcome): void {
    const refusal = this.#refusal(frame);
    if (refusal !== undefined) return outcome.failed(refusal);
    const unsettled = new UnsettledSend(outcome);
    const list = (this.#unsettled ??= new LinkedList());
    list.add(unsettled);
    try {
      this.write(frame, (error) => this.#written(unsettled, error));
    } catch (error) {
      if (!list.delete(unsettled)) return;
      const fallback = { code: "SEND_FAILED", message: "the frame could not be sent" } as const;
      outcome.failed(asWsError(error, fallback));
    }
  }

  close(code = 1000, reason = ""): void {
    const fault = closeFault(code, reason);
    if (fault !== undefined) throw frameInvalid(fault);
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#ended) return;
    this.#endedByOwner = true;
    this.#dropLater();
    this.writeClose(code, reason);
  }

  destroy(): void {
    this.#endedByOwner = true;
    this.#drop();
  }

  /** Tells that the connection is open. Returns it, to resolve `connect()` with. */
  open(): this {
    this.#events.opened(this);
    return this;
  }

  /** Whether frames may still come: neither the peer's close frame nor the end was told. */
  protected get isReceiving(): boolean {
    return !this.#ended && this.#peerClosed === undefined;
  }

  /** Whether the owner started the closing handshake. */
  protected get isClosing(): boolean {
    return this.#isClosing;
  }

  /** The socket was read; its frames follow. Bun reads once more while a socket is dropped. */
  protected read(): void {
    if (!this.#ended && !this.#isGone) this.#events.read(this.#options.timer.now());
  }

  /** A frame arrived, its payload ready to be given away. */
  protected frame(frame: LeafFrame): void {
    if (this.isReceiving && !this.#isGone) this.#events.frame(frame);
  }

  /** Messages were read and will not be told; see {@link LeafEvents.dropped}. */
  protected dropped(frames: number, bytes: number): void {
    if (!this.#ended) this.#events.dropped(frames, bytes);
  }

  /** The peer's close frame arrived, and was answered. */
  protected closed(code: number, reason: string | Uint8Array): void {
    if (!this.isReceiving) return;
    this.#peerClosed = peerClosed(code, reason);
    this.#dropLater();
    this.#events.closed(code, reason);
  }

  /** Nothing more will be received, though the socket may live on to send its close frame. */
  protected failed(error: WsError): void {
    if (this.#ended) return;
    this.#dropLater();
    this.#end(error);
  }

  /** The socket is gone, because of `error` if that is known. */
  protected gone(error: WsError | undefined): void {
    this.#isGone = true;
    this.#cancelDrop?.();
    this.#end(error);
  }

  #refusal(frame: Frame | string | Uint8Array): WsError | undefined {
    if (this.#isClosing) return sinkClosed();
    if (!this.isReceiving) return notConnected();
    const fault = frameFault(frame);
    return fault === undefined ? undefined : frameInvalid(fault);
  }

  #written(unsettled: UnsettledSend, error: Error | null | undefined): void {
    if (this.#unsettled?.delete(unsettled) !== true) return;
    if (error === undefined || error === null) unsettled.outcome.sent();
    else unsettled.outcome.failed(sendFateUnknown(error));
  }

  /** Bounds what is left of the connection in time. */
  #dropLater(): void {
    const { timer, closeTimeoutMs } = this.#options;
    this.#cancelDrop ??= scheduleDeadline(timer, closeTimeoutMs, () => this.#drop());
  }

  #drop(): void {
    this.#cancelDrop?.();
    if (!this.#isGone) {
      this.#isGone = true;
      this.terminate();
    }
    this.#end(undefined);
  }

  #end(error: WsError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    const cause = error ?? this.#peerClosed;
    for (const unsettled of this.#unsettled ?? []) {
      this.#unsettled?.delete(unsettled);
      unsettled.outcome.failed(sendFateUnknown(cause));
    }
    const told = this.#peerClosed ?? error ?? socketLost();
    this.#events.ended(this.#endedByOwner ? undefined : told);
  }
}
