import type { Frame, LeafEvents, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { LeafShell } from "@oath-ws/resilience/leaf";
import type { ReplayEpoch, ReplayStep } from "./replay-plan.js";

/** Frames that arrive with one read; the reader gets a turn behind each. */
const FRAMES_PER_READ = 256;
const CLOSE_TIMEOUT_MS = 30_000;

/** What a {@link ReplaySocket} needs of its connector. */
export interface ReplaySocketOptions {
  readonly epoch: ReplayEpoch;
  readonly events: LeafEvents;
  readonly timer: Timer;
  readonly protocol: string;
  /** Milliseconds of the recording that pass in one of the timer; `Infinity` for no pauses. */
  readonly speed: number;
  /** How long the client is waited for where it had sent something, in milliseconds. */
  readonly sendWaitMs: number;
  /** Everything was told, `endedAtMs` being the time of the recording. */
  readonly onDone: (endedAtMs: number) => void;
}

/**
 * One epoch of a recording as a socket. Frames come at their recorded distance from the opening.
 * Where the recorded client had sent a frame, it waits until this client has sent as many, so that
 * answers stand behind their requests at any speed.
 */
export class ReplaySocket extends LeafShell {
  readonly protocol: string;
  readonly headers: Readonly<Record<string, string>> = {};
  readonly controlFrames = true;
  readonly bufferedBytes = 0;
  readonly #options: ReplaySocketOptions;
  readonly #openedAtMs: number;
  /** When the recording's opening would have been, by the timer; waits move it. */
  #origin: number;
  #next = 0;
  #sent = 0;
  #expected = 0;
  #isWaiting = false;
  #cancel: (() => void) | undefined;
  #isOver = false;

  constructor(options: ReplaySocketOptions) {
    super(options.events, { timer: options.timer, closeTimeoutMs: CLOSE_TIMEOUT_MS });
    this.protocol = options.protocol;
    this.#options = options;
    this.#openedAtMs = options.epoch.openedAtMs ?? 0;
    this.#origin = options.timer.now();
    this.#after(0, () => this.#play());
  }

  protected write(frame: Frame | string | Uint8Array, done: () => void): void {
    done();
    const kind = typeof frame === "string" || frame instanceof Uint8Array ? "text" : frame.kind;
    if (kind === "ping") this.#pong(frame as Frame);
    if (kind !== "text" && kind !== "binary") return;
    this.#sent++;
    if (!this.#isWaiting || this.#sent < this.#expected) return;
    this.#after(0, () => this.#goOn());
  }

  protected writeClose(): void {
    this.#after(0, () => this.#finish(undefined));
  }

  protected terminate(): void {
    this.#stop();
  }

  #play(): void {
    const { epoch, timer } = this.#options;
    const now = timer.now();
    let frames = 0;
    for (;;) {
      const step = epoch.steps[this.#next];
      if (this.#isOver || this.isClosing) return;
      if (step === undefined) return this.#end();
      if (step.kind === "sent") {
        if (!this.#hasSent()) return;
        this.#next++;
        continue;
      }
      const dueIn = this.#dueAt(step.atMs) - now;
      if (dueIn > 0) return this.#after(dueIn, () => this.#play());
      if (frames === FRAMES_PER_READ) return this.#after(0, () => this.#play());
      if (frames++ === 0) this.read();
      this.#next++;
      this.frame({ kind: step.opcode, data: ownBytes(step) });
    }
  }

  /** Whether the client has sent what the recorded one had; else it is waited for. */
  #hasSent(): boolean {
    this.#expected++;
    if (this.#sent >= this.#expected) return true;
    this.#isWaiting = true;
    this.#after(this.#options.sendWaitMs, () => this.#goOn());
    return false;
  }

  #goOn(): void {
    this.#isWaiting = false;
    const step = this.#options.epoch.steps[this.#next++];
    // What follows keeps its distance from the send.
    const late = this.#options.timer.now() - this.#dueAt(step?.atMs ?? 0);
    this.#origin += Math.max(0, late);
    this.#play();
  }

  #end(): void {
    const { epoch, timer, onDone } = this.#options;
    const { end, steps } = epoch;
    if (end === undefined) return onDone(steps.at(-1)?.atMs ?? 0);
    const dueIn = Math.max(0, this.#dueAt(end.atMs) - timer.now());
    this.#after(dueIn, () => {
      const { close, message, kind, code } = end.error;
      if (code === "PEER_CLOSED" && close !== undefined) this.closed(close.code, close.reason);
      this.#finish(new WsError({ kind, code, message }));
      onDone(end.atMs);
    });
  }

  #finish(error: WsError | undefined): void {
    this.#stop();
    this.gone(error);
  }

  #pong({ data }: Frame): void {
    this.#options.timer.schedule(0, () => {
      if (this.#isOver) return;
      this.read();
      this.frame({ kind: "pong", data });
    });
  }

  #dueAt(atMs: number): number {
    const { speed } = this.#options;
    return this.#origin + (speed === Infinity ? 0 : (atMs - this.#openedAtMs) / speed);
  }

  #after(ms: number, run: () => void): void {
    this.#cancel?.();
    this.#cancel = this.#options.timer.schedule(ms, run);
  }

  #stop(): void {
    this.#isOver = true;
    this.#cancel?.();
  }
}

/** The receiver owns what it is given; the plan may be replayed again. */
function ownBytes({ data }: Extract<ReplayStep, { kind: "frame" }>): Uint8Array {
  return new Uint8Array(data);
}
