import type {
  CancelSignal,
  DataFrame,
  LeafConnection,
  LeafEvents,
  LeafFrame,
  Timer,
  WsError,
} from "@oath-ws/contract";
import { AttemptSignal } from "../primitives/attempt-signal.js";
import { peerClosed, socketLost } from "../primitives/leaf-errors.js";
import type { Inbound } from "./inbound.js";

/** What the actor is told of an attempt and its socket, in the socket's own turn. */
export interface LinkOwner {
  /** The attempt succeeded; {@link Link.adopt} or {@link Link.retire} is next. */
  opened(link: Link): void;
  /** The adopted socket was read. */
  read(at: number): void;
  /** A frame was put into the receive buffer. */
  arrived(): void;
  /** The receive buffer has counted frames as lost. */
  lagged(): void;
  /** The peer sent a close frame. */
  closed(link: Link, error: WsError): void;
  /** The socket is gone. */
  ended(link: Link, error: WsError): void;
}

interface HeldFrame {
  readonly frame: DataFrame;
  readonly at: number;
  /** How long the machine had slept by then: it may sleep before the connection is adopted. */
  readonly sleptMs: number;
}

interface Dropped {
  readonly frames: number;
  readonly bytes: number;
}

/**
 * One attempt and the socket that it opened. Frames go straight from the socket's turn into the
 * receive buffer, once the actor has adopted the connection. Those that come before, in the packet
 * of the upgrade for instance, are held until then: a frame of epoch `n` must not be handed out
 * before the snapshot says `n`. After {@link retire} nothing of this socket counts any more, so
 * late events cannot get into a later epoch. What the connector drops because of it is still
 * counted.
 */
export class Link implements LeafEvents {
  readonly attempt: number;
  /** 0 until the connection is adopted. */
  epoch = 0;
  /** When the socket was last read; `undefined` before the first read. */
  readAt: number | undefined = undefined;
  readonly #owner: LinkOwner;
  readonly #inbound: Inbound;
  readonly #timer: Pick<Timer, "now">;
  /** Let go when the attempt has succeeded. */
  #signal: AttemptSignal | undefined = new AttemptSignal();
  #state: "dialling" | "opened" | "adopted" | "retiring" | "retired" = "dialling";
  #connection: LeafConnection | undefined = undefined;
  #held: HeldFrame[] | undefined = undefined;
  #heldDropped: Dropped | undefined = undefined;

  constructor(attempt: number, owner: LinkOwner, inbound: Inbound, timer: Pick<Timer, "now">) {
    this.attempt = attempt;
    this.#owner = owner;
    this.#inbound = inbound;
    this.#timer = timer;
  }

  /** Aborts when the attempt is given up; `undefined` once it has succeeded. */
  get signal(): CancelSignal | undefined {
    return this.#signal;
  }

  /** Ends the attempt if it is still under way. */
  abort(reason: WsError): void {
    this.#signal?.abort(reason);
  }

  opened(connection: LeafConnection): void {
    // Given up meanwhile, perhaps by an actor that takes no more turns.
    if (this.#state !== "dialling") return connection.destroy();
    this.#state = "opened";
    this.#signal = undefined;
    this.#connection = connection;
    this.#owner.opened(this);
  }

  read(at: number): void {
    this.readAt = at;
    if (this.#state === "adopted") this.#owner.read(at);
  }

  frame(frame: LeafFrame): void {
    // The heartbeat layer has taken out pings and pongs.
    const data = frame as DataFrame;
    // A connector reads the clock once per socket read; for one that does not it is read here.
    const at = this.readAt ?? this.#timer.now();
    if (this.#state === "adopted") {
      this.#inbound.frame(data, this.epoch, at);
      this.#owner.arrived();
    } else if (this.#state === "opened") {
      (this.#held ??= []).push({ frame: data, at, sleptMs: this.#inbound.lookSlept() });
    }
  }

  dropped(frames: number, bytes: number): void {
    if (this.#state === "adopted" || this.#state === "retiring") {
      this.#inbound.dropped(frames, bytes);
      this.#owner.lagged();
    } else if (this.#state === "opened") {
      this.#heldDropped = { frames, bytes };
    }
  }

  closed(code: number, reason: string | Uint8Array): void {
    if (this.#isOpen) this.#owner.closed(this, peerClosed(code, reason));
  }

  ended(error: WsError | undefined): void {
    if (this.#isOpen) this.#owner.ended(this, error ?? socketLost());
  }

  /** Makes the connection that of `epoch`, and gives out what was held. */
  adopt(epoch: number): LeafConnection | undefined {
    if (this.#state !== "opened" || this.#connection === undefined) return undefined;
    this.#state = "adopted";
    this.epoch = epoch;
    this.#inbound.opened(this.#connection);
    for (const { frame, at, sleptMs } of this.#held ?? []) {
      this.#inbound.frame(frame, epoch, at, sleptMs);
      this.#owner.arrived();
    }
    this.#held = undefined;
    if (this.#heldDropped !== undefined)
      this.dropped(this.#heldDropped.frames, this.#heldDropped.bytes);
    return this.#connection;
  }

  /** Drops the socket if there is one, and ignores whatever else the connector tells. */
  retire(): void {
    this.#state = this.#state === "adopted" ? "retiring" : "retired";
    this.#held = undefined;
    try {
      this.#connection?.destroy();
    } finally {
      this.#state = "retired";
    }
  }

  /** Whether the connector does not listen just now; see {@link LeafConnection.isPaused}. */
  get isPaused(): boolean {
    return this.#connection?.isPaused === true;
  }

  /** Bytes that the socket holds and the kernel has not taken. */
  get bufferedBytes(): number {
    return this.#connection?.bufferedBytes ?? 0;
  }

  /** Starts the closing handshake; {@link LinkOwner.ended} follows. */
  hangUp(code: number | undefined, reason: string | undefined): void {
    this.#connection?.close(code, reason);
  }

  get #isOpen(): boolean {
    return this.#state === "opened" || this.#state === "adopted";
  }
}
