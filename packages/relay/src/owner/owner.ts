import type { Timer, WsError } from "@oath-ws/contract";
import { LastValue } from "@oath-ws/resilience";
import type { RelayEngine } from "../engine/engine.js";
import { asRelayError, relayError } from "../engine/relay-error.js";
import { encodeBatch, ITEM_BYTES } from "../wire/batch.js";
import type { MarkBody } from "../wire/item.js";
import { AppendPipe } from "./append-pipe.js";
import { ItemLog } from "./item-log.js";
import type { LoggedItem } from "./item-log.js";
import { LeaseWatch, writeLease } from "./lease.js";
import type { LeaseView } from "./lease.js";
import { OWNER_TABLE } from "./owner-table.js";
import type { OwnerEffect, OwnerInput, OwnerState } from "./owner-table.js";
import { readTail } from "../stream/read-tail.js";
import type { StreamTail } from "../stream/read-tail.js";

/** The times and bounds of a relay; see `RelayOptions`. */
export interface OwnerSettings {
  readonly leaseMs: number;
  readonly markMs: number;
  readonly imageMs: number;
  readonly keepMs: number;
  readonly maxBytes: number;
  readonly maxBatchBytes: number;
  /** How long the engine may take to answer, in milliseconds. */
  readonly silentMs: number;
}

/** What an owner relays, and what it says about it. */
export interface OwnerSource {
  /** Where everything stands now, as items. */
  fresh(): readonly LoggedItem[];
  /** The state of the books, as items; empty where there are none. */
  images(): readonly LoggedItem[];
  /** The watermark of this moment. */
  mark(ids: ReadonlyMap<number, number>, imagesFrom: number | undefined): MarkBody;
}

/** The state of a relay. Every field is a level or a total that never falls. */
export interface RelaySnapshot {
  readonly state: OwnerState;
  /** The term that it owns, or owned last; 0 before the first. */
  readonly term: number;
  /** Times it became the owner. */
  readonly takeovers: number;
  /** Times an append of its was refused because another owner came. */
  readonly refused: number;
  /** Items that never came into the stream: readers have a gap for them. */
  readonly lost: number;
  /** Why it is not the owner, or was not when it last was not. */
  readonly cause: WsError | undefined;
}

/** What an {@link Owner} is made of. */
export interface OwnerParts {
  readonly engine: RelayEngine;
  /** A timer that counts the sleep of the machine. */
  readonly timer: Timer;
  readonly shard: string;
  readonly line: string;
  readonly settings: OwnerSettings;
  readonly source: OwnerSource;
  /** Told of each step of the table; see `RelaySeams`. */
  readonly onStep?: ((state: OwnerState, input: OwnerInput) => void) | undefined;
}

/**
 * One relay of a shard: the owner, or one that stands by.
 *
 * How this works: {@link OWNER_TABLE} says what follows from what; this class does it. Each effect
 * asks the engine for something, and its outcome is the next input; an outcome that comes after
 * another input has changed the state is ignored. Fencing is threefold: nothing is appended unless
 * the lease was renewed within `leaseMs`, a new owner appends a term record before anything else,
 * and every append names the message that it must follow, so that the engine refuses a late one.
 */
export class Owner {
  readonly watch: LastValue<RelaySnapshot>;
  readonly log: ItemLog;
  readonly #parts: OwnerParts;
  readonly #lease: LeaseWatch;
  readonly #leaseKey: string;
  readonly #unwatch: () => void;
  #view: LeaseView = { isFree: false, revision: 0, term: 0, isOurs: false };
  #tail: StreamTail | undefined;
  #term = 0;
  /** The term that the items of the log are numbered for. */
  #begunTerm = 0;
  #isRenewing = false;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #pipe: AppendPipe | undefined;
  /** Counts the steps, so that an outcome of an older one is known. */
  #steps = 0;
  #cancelWait: (() => void) | undefined;
  #cancelTick: (() => void) | undefined;
  #cancelFlush: (() => void) | undefined;
  #imagesAt = 0;

  constructor(parts: OwnerParts) {
    const { engine, settings, shard, line } = parts;
    this.#parts = parts;
    this.log = new ItemLog(settings.maxBytes, settings.keepMs);
    this.#lease = new LeaseWatch(line, settings.leaseMs);
    this.#leaseKey = `lease.${shard}`;
    this.watch = new LastValue<RelaySnapshot>({
      state: "away",
      term: 0,
      takeovers: 0,
      refused: 0,
      lost: 0,
      cause: undefined,
    });
    this.#unwatch = engine.watch({
      up: () => this.#input("up"),
      down: (error) => this.#input("down", error),
    });
    if (engine.isUp) this.#input("up");
  }

  /** Logs an item, and sends it at the end of the event loop's turn if this is the owner. */
  push(item: LoggedItem): void {
    const tooBig = item.payload.length + ITEM_BYTES > this.#parts.settings.maxBatchBytes;
    this.log.push(tooBig ? withoutPayload(item) : item);
    if (this.#pipe === undefined || this.#cancelFlush !== undefined) return;
    this.#cancelFlush = this.#parts.timer.schedule(0, () => {
      this.#cancelFlush = undefined;
      this.#pump();
    });
  }

  /** Stops, and gives the lease up so that another takes over at once. Bounded; never rejects. */
  async stop(): Promise<void> {
    if (this.watch.snapshot.state === "ended") return;
    const wasOwner = this.watch.snapshot.state === "owning";
    this.#pump();
    const { engine, line } = this.#parts;
    const { revision } = this.#view;
    await this.#pipe?.drained();
    this.#input("stop");
    this.#unwatch();
    if (!wasOwner) return;
    const body = writeLease({ line, term: this.#term, released: true });
    await engine.put(this.#leaseKey, body, revision).catch(() => undefined);
  }

  #input(input: OwnerInput, cause?: WsError): void {
    const { state } = this.watch.snapshot;
    const step = OWNER_TABLE[state][input];
    if (step === undefined) return;
    this.#parts.onStep?.(state, input);
    this.#steps++;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    if (state === "owning") this.#leave();
    if (step.to === "away") this.#lease.forget();
    this.#publish(step.to, step.effect === "own", input === "refused" && state === "owning", cause);
    this.#do(step.effect);
  }

  #do(effect: OwnerEffect): void {
    switch (effect) {
      case "none":
        return;
      case "wait":
        this.#cancelWait = this.#parts.timer.schedule(this.#pollMs, () => this.#input("due"));
        return;
      case "look":
        void this.#run(() => this.#look());
        return;
      case "claim":
        void this.#run(() =>
          this.#claim(this.#view.isOurs ? this.#view.term : this.#view.term + 1),
        );
        return;
      case "outbid":
        void this.#run(() => this.#claim((this.#tail?.owner?.term ?? 0) + 1));
        return;
      case "read":
        void this.#run(() => this.#read());
        return;
      case "fence":
        void this.#run(() => this.#fence());
        return;
      case "own":
        this.#own();
        return;
      default:
        effect satisfies never;
    }
  }

  /** Feeds the outcome of an effect in, unless another input came first. */
  async #run(effect: () => Promise<OwnerInput>): Promise<void> {
    const step = this.#steps;
    let input: OwnerInput;
    let cause: WsError | undefined;
    try {
      input = await effect();
    } catch (error) {
      cause = asRelayError(error);
      input = cause.code === "RELAY_CONFLICT" ? this.#conflictInput() : "failed";
    }
    if (step === this.#steps) this.#input(input, cause);
  }

  #conflictInput(): OwnerInput {
    return this.watch.snapshot.state === "fencing" ? "refused" : "conflict";
  }

  async #look(): Promise<OwnerInput> {
    const at = this.#now();
    const entry = await this.#parts.engine.get(this.#leaseKey);
    this.#view = this.#lease.seen(entry, at);
    return this.#view.isFree ? "free" : "held";
  }

  async #claim(term: number): Promise<OwnerInput> {
    const { engine, line } = this.#parts;
    const at = this.#now();
    const body = writeLease({ line, term, released: false });
    const revision = await engine.put(this.#leaseKey, body, this.#view.revision);
    this.#view = { isFree: true, isOurs: true, revision, term };
    this.#term = term;
    this.#renewedAt = at;
    return "claimed";
  }

  async #read(): Promise<OwnerInput> {
    const { engine, timer, settings, line } = this.#parts;
    const { markMs, silentMs } = settings;
    const tail = await readTail({ engine, timer, silentMs, lookBackMs: 3 * markMs });
    this.#tail = tail;
    const { owner } = tail;
    if (owner === undefined || owner.term < this.#term) return "reached";
    return owner.term === this.#term && owner.line === line ? "ours" : "superseded";
  }

  async #fence(): Promise<OwnerInput> {
    const { engine, source, line } = this.#parts;
    const tail = this.#tail;
    if (tail === undefined) return "failed";
    const mark = source.mark(tail.ids, undefined);
    const head = { kind: "term", line, term: this.#term, first: 1, mark } as const;
    const lastSeq = await engine.append(encodeBatch(head, [], this.#now()), tail.lastSeq);
    this.#tail = { ...tail, lastSeq, lastItem: 0, owner: { line, term: this.#term } };
    return "fenced";
  }

  #own(): void {
    const tail = this.#tail;
    if (tail === undefined) return;
    const { engine, line, settings, timer } = this.#parts;
    if (this.#begunTerm === this.#term) this.log.resume(tail.lastItem);
    else this.log.begin(tail.ids, this.#parts.source.fresh());
    this.#begunTerm = this.#term;
    const pipe: AppendPipe = new AppendPipe({
      engine,
      log: this.log,
      line,
      term: this.#term,
      lastSeq: tail.lastSeq,
      ids: tail.ids,
      maxBytes: Math.min(settings.maxBatchBytes, engine.maxBytes),
      now: () => this.#now(),
      onAppended: () => this.#pump(),
      onFailed: (error) => {
        if (this.#pipe === pipe)
          this.#input(error.code === "RELAY_CONFLICT" ? "refused" : "failed", error);
      },
    });
    this.#pipe = pipe;
    this.#imagesAt = Number.NEGATIVE_INFINITY;
    const tick = (): void => {
      this.#cancelTick = timer.schedule(settings.markMs, tick);
      this.#tick(pipe);
    };
    tick();
  }

  #leave(): void {
    this.#pipe?.close();
    this.#pipe = undefined;
    this.#cancelTick?.();
    this.#cancelFlush?.();
    this.#cancelTick = this.#cancelFlush = undefined;
  }

  #tick(pipe: AppendPipe): void {
    const now = this.#now();
    const { source, settings } = this.#parts;
    if (now - this.#imagesAt >= settings.imageMs) {
      this.#imagesAt = now;
      for (const image of source.images()) this.push(image);
    }
    void this.#renew();
    this.#pump();
    if (this.#pipe === pipe) pipe.mark(() => source.mark(pipe.ids, pipe.imagesFrom));
    const { lost } = this.log;
    if (this.watch.snapshot.lost !== lost)
      this.watch.publish({ ...this.watch.snapshot, lost }, false);
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    const step = this.#steps;
    const at = this.#now();
    const { engine, line } = this.#parts;
    try {
      const body = writeLease({ line, term: this.#term, released: false });
      const revision = await engine.put(this.#leaseKey, body, this.#view.revision);
      if (step !== this.#steps) return;
      this.#view = { ...this.#view, revision };
      this.#renewedAt = at;
    } catch (error) {
      const cause = asRelayError(error);
      // Anything else is tried again with the next watermark, while the lease lasts.
      if (step === this.#steps && cause.code === "RELAY_CONFLICT") this.#input("conflict", cause);
    } finally {
      this.#isRenewing = false;
    }
  }

  #pump(): void {
    const pipe = this.#pipe;
    if (pipe === undefined) return;
    if (this.#now() - this.#renewedAt < this.#parts.settings.leaseMs) pipe.pump();
    else
      this.#input(
        "expired",
        relayError("RELAY_TIMEOUT", "The lease could not be renewed in time; nothing is appended."),
      );
  }

  #publish(
    state: OwnerState,
    isTakeover: boolean,
    isRefused: boolean,
    cause: WsError | undefined,
  ): void {
    const before = this.watch.snapshot;
    const next: RelaySnapshot = {
      state,
      term: this.#term,
      takeovers: before.takeovers + (isTakeover ? 1 : 0),
      refused: before.refused + (isRefused ? 1 : 0),
      lost: this.log.lost,
      cause: cause ?? before.cause,
    };
    // A relay that stands by looks at the lease again and again: that is no news.
    const keys = Object.keys(next) as (keyof RelaySnapshot)[];
    if (keys.some((key) => next[key] !== before[key])) this.watch.publish(next, state === "ended");
  }

  get #pollMs(): number {
    return this.#parts.settings.leaseMs / 4;
  }

  #now(): number {
    return this.#parts.timer.now();
  }
}

const EMPTY = new Uint8Array();

/** What stands for an item that is too big for the engine: readers are told that one is missing. */
function withoutPayload(item: LoggedItem): LoggedItem {
  return { ...item, kind: "gap", firstId: undefined, lastId: undefined, payload: EMPTY };
}
