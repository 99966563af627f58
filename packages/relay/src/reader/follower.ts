import type { Timer } from "@oath-ws/contract";
import type { RelayEngine, StoredMessage } from "../engine/engine.js";
import { readTail } from "../stream/read-tail.js";
import { FOLLOWER_TABLE } from "./follower-table.js";
import type { FollowerEffect, FollowerInput, FollowerState } from "./follower-table.js";
import type { Intake } from "./intake.js";

/** How far a reader goes back when the engine has forgotten, in messages. */
const REWIND_MESSAGES = 10_000;

/** How far back from the end it looks for a watermark, in milliseconds. */
const LOOK_BACK_MS = 5_000;

/** How long the engine may bring nothing while the stream's end is read, in milliseconds. */
const SILENT_MS = 5_000;

const RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;

/** How often it looks whether the readers have caught up, in milliseconds. */
const DRAIN_MS = 20;

/** What a {@link Follower} is made of. */
export interface FollowerParts {
  readonly engine: RelayEngine;
  readonly timer: Timer;
  readonly intake: Intake;
  /** Whether more waits for the readers than they should hold. */
  readonly isFull: () => boolean;
  /** Whether little waits for them. */
  readonly isDrained: () => boolean;
  /** Called after each message, with how many the stream held after it. */
  readonly onMessage: (message: StoredMessage, pending: number) => void;
  readonly onEnds: (timeMs: number) => void;
  /** Called when reading begins. */
  readonly onBegin: () => void;
  /** Called before each message is read. */
  readonly onComing: (message: StoredMessage, pending: number) => void;
  /** Called when the intake has learned what the stream carries. */
  readonly onKnown: () => void;
  /** Called when reading pauses, because more waits than should. */
  readonly onPaused: () => void;
  /** Told of each step of the table. */
  readonly onStep?: ((state: FollowerState, input: FollowerInput) => void) | undefined;
}

/**
 * Reads a stream, from its end or from a place, over every outage of the engine and its whims.
 *
 * How this works: {@link FOLLOWER_TABLE} says what follows from what. After each outage it asks
 * where the stream ends, and begins with the message that it read last: if that is another one now,
 * the engine has forgotten, and it goes back and reads again what it has read, which the intake
 * sorts out.
 */
export class Follower {
  readonly #parts: FollowerParts;
  readonly #unwatch: () => void;
  #state: FollowerState = "away";
  #steps = 0;
  #stop: () => void = () => undefined;
  #cancel: (() => void) | undefined;
  #retryMs = RETRY_MS;
  /** Whether the place of the first message is to be checked. */
  #mustCheck = false;
  #from = 1;
  readonly #isResumed: boolean;
  #hasBegun = false;
  #mustRewind = false;

  /** Whether nothing is read until {@link release}. */
  #isHeld = false;

  /** @param isResumed whether the intake knows a place already; else it begins at the end */
  constructor(parts: FollowerParts, isResumed: boolean) {
    this.#parts = parts;
    this.#isResumed = isResumed;
    this.#unwatch = parts.engine.watch({
      up: () => this.input("up"),
      down: () => this.input("down"),
    });
    if (parts.engine.isUp) this.input("up");
  }

  get state(): FollowerState {
    return this.#state;
  }

  /** There is a reader: what it waits for is read from the next turn on. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    const step = this.#steps;
    this.#parts.timer.schedule(0, () => {
      if (step === this.#steps && this.#state === "reading") this.#read();
    });
  }

  input(input: FollowerInput): void {
    const step = FOLLOWER_TABLE[this.#state][input];
    if (step === undefined) return;
    this.#parts.onStep?.(this.#state, input);
    this.#steps++;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#stop();
    this.#stop = () => undefined;
    this.#state = step.to;
    if (step.to === "ended") this.#unwatch();
    this.#do(step.effect);
  }

  #do(effect: FollowerEffect): void {
    const { timer, intake } = this.#parts;
    switch (effect) {
      case "none":
        return;
      case "locate":
        void this.#run(() => this.#locate());
        return;
      case "rewind":
        this.#mustRewind = true;
        void this.#run(() => this.#locate());
        return;
      case "wait":
        this.#cancel = timer.schedule(this.#retryMs, () => this.input("due"));
        this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
        return;
      case "read":
        if (!this.#isHeld) this.#read();
        return;
      case "resume":
        this.#from = intake.seq + 1;
        this.#read();
        return;
      case "drain":
        this.#parts.onPaused();
        this.#drain();
        return;
      default:
        effect satisfies never;
    }
  }

  async #run(effect: () => Promise<void>): Promise<void> {
    const step = this.#steps;
    try {
      await effect();
      if (step === this.#steps) this.input("located");
    } catch {
      // It is tried again; that nothing comes is told by the missing watermarks.
      if (step === this.#steps) this.input("failed");
    }
  }

  async #locate(): Promise<void> {
    const { engine, intake, timer, onEnds, onKnown } = this.#parts;
    const step = this.#steps;
    if (!this.#hasBegun) {
      const times = { lookBackMs: LOOK_BACK_MS, silentMs: SILENT_MS };
      const tail = await readTail({ engine, timer, ...times });
      if (step !== this.#steps) return;
      this.#hasBegun = true;
      if (tail.timeMs !== undefined) onEnds(tail.timeMs);
      if (tail.mark !== undefined) {
        intake.learn(tail.mark);
        // Who goes on at a place must not miss what comes before they have subscribed.
        this.#isHeld = this.#isResumed && tail.mark.topics.length > 0;
        onKnown();
      }
      if (this.#isResumed) this.#goOn(tail.lastSeq);
      else {
        intake.join(tail);
        this.#from = Math.max(1, tail.imagesFrom ?? tail.lastSeq);
      }
      return;
    }
    const { lastSeq, last } = await engine.ends();
    if (step !== this.#steps) return;
    if (last !== undefined) onEnds(last.timeMs);
    this.#goOn(lastSeq);
  }

  /** Begins with the message that was read last, or far before it if that is gone. */
  #goOn(lastSeq: number): void {
    const { intake } = this.#parts;
    const { readFrom } = intake;
    if (this.#mustRewind || lastSeq < readFrom) {
      this.#from = Math.max(Math.min(readFrom, lastSeq) - REWIND_MESSAGES, 1);
      intake.rewind(lastSeq);
      this.#mustRewind = this.#mustCheck = false;
      return;
    }
    this.#from = Math.max(1, readFrom);
    this.#mustCheck = readFrom > 0;
  }

  #read(): void {
    const { engine, intake, isFull, onBegin, onComing, onMessage } = this.#parts;
    const step = this.#steps;
    onBegin();
    this.#stop = engine.read(
      { seq: this.#from },
      {
        message: (message, pending) => {
          if (step !== this.#steps) return;
          this.#retryMs = RETRY_MS;
          if (this.#mustCheck) {
            this.#mustCheck = false;
            if (message.seq === intake.readFrom && !intake.isContinuation(message)) {
              this.input("forgot");
              return;
            }
          }
          onComing(message, pending);
          intake.take(message);
          onMessage(message, pending);
          if (step === this.#steps && isFull()) this.input("full");
        },
        failed: () => {
          if (step === this.#steps) this.input("failed");
        },
      },
    );
  }

  #drain(): void {
    this.#cancel = this.#parts.timer.schedule(DRAIN_MS, () => {
      if (this.#parts.isDrained()) this.input("drained");
      else this.#drain();
    });
  }
}
