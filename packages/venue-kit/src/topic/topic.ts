import type { Timer, WsError } from "@oath-ws/contract";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";
import { ClockOffset } from "./clock-offset.js";
import type { GapReason, GapRecord } from "./gap-record.js";
import { Handover } from "./handover.js";
import type { HeldEvent } from "./handover.js";
import { IdOrder } from "./id-order.js";
import type { Session } from "./session.js";
import { Subscription } from "./subscription.js";
import type { SubscribeOptions } from "./subscription.js";
import type { Announce } from "./observed-reader.js";
import type { TopicEvent } from "./topic-event.js";
import type { TopicRules } from "./topic-rules.js";
import { flows } from "./topic-state.js";
import { TopicWatch } from "./topic-watch.js";

/** What a topic needs. */
export interface TopicOptions<T> {
  readonly name: string;
  readonly rules: TopicRules<T>;
  readonly timer: Timer;
  /** Announces the readers of the topic. Default: they are not. */
  readonly announce?: Announce | undefined;
  /** The last subscription was cancelled. */
  readonly onAbandoned: () => void;
}

/** How one connection of a renewal takes over from the other. */
export interface Switch {
  /** The old connection's last session. */
  readonly from: Session | undefined;
  /**
   * The new connection's session; `undefined` when the topic is not subscribed there, and goes on
   * when it is confirmed.
   */
  readonly to: Session | undefined;
  /** Whether the two connections together brought everything. */
  readonly isWhole: boolean;
  /** Whether the new connection stands. */
  readonly isUp: boolean;
}

/**
 * Events after a handover among which those may be that were delivered already; if the last of them
 * was lost, it is waited for no longer.
 */
const MAX_PAST = 10_000;

/** The same in milliseconds: identities are only unique within a short time. */
const MAX_PAST_MS = 60_000;

/**
 * Where the owner of a topic gives in what the connections brought, and its subscriptions take it
 * out.
 */
export class Topic<T> {
  readonly name: string;
  readonly watch: TopicWatch;
  readonly #options: TopicOptions<T>;
  readonly #elapsed: ElapsedTimer;
  readonly #rules: TopicRules<T>;
  readonly #clock: ClockOffset | undefined;
  /** Replaced as a whole, so that a reader that comes or goes during a delivery changes nothing. */
  #subscriptions: readonly Subscription<T>[] = [];
  #session: Session | undefined;
  #handover: Handover<T> | undefined;
  /** The new connection's session after it lost frames, while the old one carries the topic. */
  #ahead: Session | undefined;
  /**
   * A handover that is over, while the new connection may still be behind what the old one
   * delivered.
   */
  #past: Handover<T> | undefined;
  /** It is remembered for so many more events at most. */
  #pastLeft = 0;
  /** It is remembered until then at most. */
  #pastUntil = 0;
  readonly #ids = new IdOrder();
  #lastAt: number | undefined;
  #heardAt: number | undefined;
  /** Something is missing that no session tells of; recorded when the topic goes on. */
  #interrupted: GapReason | undefined;
  /** Why the next event may show a hole in the ids: they tell exactly what is missing. */
  #suspected: GapReason | undefined;
  #seq = 0;
  /** The last event that its connection outlived. */
  #currentSeq = 0;
  /** What that was when the topic lost its confirmation, or a connection without one. */
  #unsettledSeq = 0;
  #epoch = 0;
  #gaps = 0;
  #breaks = 0;
  #duplicates = 0;

  constructor(options: TopicOptions<T>) {
    this.name = options.name;
    this.watch = new TopicWatch(() => options.timer.now());
    this.#options = options;
    this.#elapsed = elapsedTimer(options.timer);
    this.#rules = options.rules;
    this.#clock = options.rules.timeMs === undefined ? undefined : new ClockOffset();
  }

  /**
   * When the last event arrived that was delivered, in elapsed milliseconds: doubles prove nothing.
   */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  /** Events that came again, or after their place was given up, and were not delivered. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Whether the venue is known to have it: confirmed, and the connection has not ended since. */
  get isHeld(): boolean {
    return flows(this.watch.snapshot);
  }

  subscribe(options: SubscribeOptions): Subscription<T> {
    const subscription: Subscription<T> = new Subscription({
      timer: this.#elapsed,
      clock: this.#clock,
      topic: this.name,
      state: this.watch,
      policy: options.policy ?? { kind: "reliable" },
      rules: this.#rules,
      announce: this.#options.announce,
      onClose: () => {
        if (!this.#subscriptions.includes(subscription)) return;
        this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
        if (this.#subscriptions.length === 0) this.#options.onAbandoned();
      },
    });
    this.#subscriptions = [...this.#subscriptions, subscription];
    return subscription;
  }

  /**
   * The venue has confirmed the topic in this session. What it published before, since another
   * session ended, is recorded as a gap.
   */
  confirmed(session: Session): void {
    this.#goOn(session, this.#options.timer.now());
  }

  /**
   * The topic has to be confirmed again. One that never was live is still subscribing, and says
   * why.
   *
   * @param isLost what the connection brought meanwhile is lost as well
   */
  unsettle(cause: WsError | undefined, isLost: boolean): void {
    const { isHeld } = this;
    const { phase } = this.watch.snapshot;
    if (isLost && !isHeld && this.#currentSeq > this.#unsettledSeq)
      this.watch.lostAgain(cause, this.#epoch);
    else this.watch.enter(phase === "subscribing" ? phase : "recovering", cause);
    if (isLost || isHeld) this.#unsettledSeq = this.#currentSeq;
  }

  /**
   * A connection on which the topic is subscribed goes on in this session. What that may have cost
   * is told at once, unless the other connection of a renewal carries the topic.
   */
  broke(session: Session, isSuccessor: boolean): void {
    if (this.hasMet === isSuccessor) this.#goOn(session, this.#options.timer.now());
    else if (isSuccessor) this.#ahead = session;
  }

  /**
   * Something of this topic alone is missing on a connection that goes on. It is recorded when the
   * topic is next confirmed.
   */
  lapsed(reason: GapReason): void {
    this.#interrupted ??= reason;
  }

  /**
   * An event of the connection that carries the topic; `isCurrent`: which stands. Tells whether
   * anything was delivered.
   *
   * @param arrivedAt `receivedAt` in elapsed milliseconds, where it was read for the whole frame
   */
  offer(
    data: T,
    session: Session,
    receivedAt: number,
    isCurrent: boolean,
    arrivedAt: number = this.#elapsed.arrived(receivedAt),
  ): boolean {
    const before = this.#seq;
    if (this.#handover !== undefined) {
      const { joined } = this.#handover;
      if (this.#handover.old(data)) this.#deliver(data, session, receivedAt, arrivedAt, isCurrent);
      // The new connection's copy is delivered, but what broke before it is known from the old one.
      else if (!joined) this.#goOn(session, receivedAt);
      this.#flush(this.#handover, true);
      // What the new connection lost since is not taken from the old one any more.
      if (!joined && this.#handover.joined && this.#ahead !== undefined)
        this.#goOn(this.#ahead, receivedAt);
    } else if (!this.#isRepeated(data, receivedAt)) {
      this.#deliver(data, session, receivedAt, arrivedAt, isCurrent);
    }
    return this.#seq !== before;
  }

  /** An event of the connection that is to take over. */
  offerSuccessor(event: HeldEvent<T>): void {
    this.#handover ??= new Handover(this.#rules.identity);
    const { joined } = this.#handover;
    this.#handover.successor(event);
    // What the old connection had not brought yet is discarded from now on.
    if (!joined && this.#handover.isTorn) this.#interrupted = "reconnect";
    this.#flush(this.#handover, true);
  }

  /** From now on two connections carry the topic, until {@link switched} or {@link keep}. */
  overlap(): void {
    this.#handover = new Handover(this.#rules.identity, undefined, this.#past);
    this.#past = undefined;
    this.#ahead = undefined;
  }

  /** Whether both connections were seen to carry the same event. */
  get hasMet(): boolean {
    return this.#handover?.joined === true;
  }

  /** The old connection has delivered everything; the new one carries the topic. */
  switched({ from, to, isWhole, isUp }: Switch): void {
    const handover = this.#handover;
    this.#handover = undefined;
    if (handover === undefined) return;
    if (!handover.joined && from !== undefined) this.#goOn(from, this.#options.timer.now());
    handover.finish();
    if (!isWhole || handover.isTorn) this.#interrupted = "reconnect";
    this.#flush(handover, isUp);
    if (handover.isBehind) this.#pass(handover);
    if (to !== undefined) this.#goOn(to, this.#options.timer.now());
  }

  /**
   * The renewal was given up: the old connection goes on, in this session. What it brought while
   * the new one carried the topic was not delivered.
   */
  keep(session: Session | undefined): void {
    const handover = this.#handover;
    this.#handover = undefined;
    if (handover?.joined !== true) return;
    // The new one may have been ahead.
    if (!handover.isBehind) this.#pass(handover);
    this.#interrupted = "reconnect";
    if (session !== undefined) this.#goOn(session, this.#options.timer.now());
  }

  /** No more events: cleanly, or with the reason. */
  end(error?: WsError): void {
    this.watch.enter(error === undefined ? "closed" : "failed", error);
    for (const subscription of this.#subscriptions) subscription.end(error);
  }

  #pass(handover: Handover<T>): void {
    this.#past = handover;
    this.#pastLeft = MAX_PAST;
    this.#pastUntil = this.#options.timer.now() + MAX_PAST_MS;
  }

  /** Whether the other connection of the last renewal has delivered this event already. */
  #isRepeated(data: T, receivedAt: number): boolean {
    const past = this.#past;
    if (past === undefined) return false;
    if (receivedAt > this.#pastUntil) {
      this.#past = undefined;
      return false;
    }
    const repeated = past.delivered(data);
    if (repeated) this.#duplicates++;
    if (past.isLast(data) || --this.#pastLeft <= 0) this.#past = undefined;
    return repeated;
  }

  /** The topic goes on in this session. Tells at once what may be missing before it. */
  #goOn(session: Session, at: number): void {
    const before = this.#session;
    if (before === session && this.#interrupted === undefined) return;
    const broke = this.#interrupted ?? (before === session ? undefined : session.broke);
    this.#session = session;
    this.#interrupted = undefined;
    // The old connection goes on under the number of the new one when a renewal is given up after
    // the switch.
    this.#epoch = Math.max(this.#epoch, session.epoch);
    // Nothing can be missed before the topic was confirmed or heard.
    if (before !== undefined && broke !== undefined) this.#broke(broke, at);
  }

  #broke(broke: GapReason, at: number): void {
    // A topic that has to be confirmed again has missed more than what its connection lost since.
    const reason = this.watch.snapshot.phase === "recovering" ? "reconnect" : broke;
    this.#breaks++;
    // Without ids, or before the first one, what was missed cannot be told from what was not.
    if (!this.#ids.isKnown) {
      this.#gap(undefined, undefined, reason, at);
      return;
    }
    if (this.#suspected !== "reconnect") this.#suspected = reason;
    this.watch.counted(this.#gaps, this.#breaks);
  }

  #flush(handover: Handover<T>, isCurrent: boolean): void {
    for (const { data, session, receivedAt, arrivedAt } of handover.release())
      this.#deliver(data, session, receivedAt, arrivedAt, isCurrent);
  }

  #deliver(
    data: T,
    session: Session,
    receivedAt: number,
    arrivedAt: number,
    isCurrent: boolean,
  ): void {
    if (!this.#admit(data, session, receivedAt)) return;
    if (isCurrent) this.#currentSeq = this.#seq + 1;
    this.#lastAt = receivedAt;
    this.#heardAt = arrivedAt;
    const event: TopicEvent<T> = {
      topic: this.name,
      data,
      epoch: this.#epoch,
      seq: ++this.#seq,
      receivedAt,
      isCurrent,
      gaps: this.#gaps,
    };
    const venueMs = this.#rules.timeMs?.(data);
    // An arrival that is taken for older than a sleep would make the clocks differ by the sleep.
    if (venueMs !== undefined) this.#clock?.heard(this.#elapsed.latestArrival(receivedAt), venueMs);
    for (const subscription of this.#subscriptions) subscription.push(event, arrivedAt, venueMs);
  }

  /** Compares the event with what came before: notes gaps, and tells whether it is new. */
  #admit(data: T, session: Session, receivedAt: number): boolean {
    this.#goOn(session, receivedAt);
    const { range } = this.#rules;
    if (range === undefined) return true;
    const suspected = this.#suspected;
    const first = range.firstId(data);
    const verdict = this.#ids.judge(first, range.lastId(data), receivedAt, suspected);
    if (verdict === "double") {
      this.#duplicates++;
      return false;
    }
    this.#suspected = undefined;
    if (verdict === "next") return true;
    // A break that was noticed before is counted already.
    if (suspected === undefined) this.#breaks++;
    // What was delivered before the ids began again says nothing about those that come now.
    if (verdict.reason === "idsReset") this.#past = undefined;
    this.#gap(verdict.fromSeq, verdict.toSeq, verdict.reason, receivedAt);
    return true;
  }

  #gap(
    fromSeq: number | undefined,
    toSeq: number | undefined,
    reason: GapReason,
    toTime: number,
  ): void {
    const record: GapRecord = {
      topic: this.name,
      epoch: this.#epoch,
      fromSeq,
      toSeq,
      fromTime: this.#lastAt,
      toTime,
      reason,
    };
    this.#gaps++;
    this.watch.counted(this.#gaps, this.#breaks);
    for (const subscription of this.#subscriptions) subscription.note(record);
  }
}
