import type { Timer, WsError } from "@oath-ws/contract";
import { ClockOffset, Subscription, TopicWatch } from "@oath-ws/venue-kit";
import type { GapRecord, StreamPolicy, TopicEvent, TopicPhase } from "@oath-ws/venue-kit";
import { readJson } from "../wire/json.js";
import type { Item, StateBody, TopicMark } from "../wire/item.js";
import type { ItemPlace, StreamGap } from "./intake.js";
import type { HandedItem } from "./position.js";
import { errorOf } from "./lifecycle-mirror.js";

/** Changes that are kept behind an image; an owner sends the next image long before. */
const MAX_KEPT = 100_000;

/**
 * How far apart the same event may arrive on two lines and still count as one, in milliseconds.
 * What is left out so, stands in the gap record of the takeover. /
 */
export const JITTER_MS = 20;

/** When an item arrived at its owner, by our clocks, in milliseconds. */
export interface ItemTimes {
  /** By the clock that counts sleep. */
  readonly arrivedAt: number;
  /** By `Timer.now()`. */
  readonly receivedAt: number;
  /** Whether both are more than a lower bound of its age; see `RelayClock`. */
  readonly isAgeKnown: boolean;
}

/** A topic of a relay, as its readers in this process see it. */
export class RelayedTopic {
  readonly name: string;
  readonly isBook: boolean;
  readonly hasIds: boolean;
  readonly state: TopicWatch;
  readonly #subscriptions = new Set<Subscription<unknown>>();
  readonly #timer: Timer;
  readonly #clock = new ClockOffset();
  /** Places of the events that wait for the slowest reader, oldest first. */
  #places: (ItemPlace & { readonly id: number | undefined })[] = [];
  /** The last event that every reader was handed. */
  #handed: HandedItem | undefined;
  /** What a reader of the book needs that comes now: the image, and the changes since. */
  #image: TopicEvent<unknown>[] = [];
  #told: StateBody;
  #epoch = 0;
  #silence: WsError | undefined;
  #seq = 0;
  #gaps = 0;
  #breaks = 0;
  #lastAt: number | undefined;
  /** When the newest event arrived at its owner, by our clock that counts sleep. */
  #arrivedAt = Number.NEGATIVE_INFINITY;
  /** Events without ids that arrived up to then may have been told by another owner. */
  #doubtedUntil = Number.NEGATIVE_INFINITY;

  constructor({ name, isBook, hasIds, state }: TopicMark, timer: Timer) {
    this.name = name;
    this.isBook = isBook;
    this.hasIds = hasIds;
    this.#timer = timer;
    this.#told = state;
    this.state = new TopicWatch(() => timer.now());
  }

  subscribe(policy: StreamPolicy): Subscription<unknown> {
    const subscription: Subscription<unknown> = new Subscription<unknown>({
      timer: this.#timer,
      clock: this.#clock,
      topic: this.name,
      state: this.state,
      policy,
      onClose: () => {
        this.#subscriptions.delete(subscription);
      },
    });
    this.#subscriptions.add(subscription);
    for (const event of this.#image) subscription.push(event);
    return subscription;
  }

  /** Events that wait for the slowest reader that wants all of them. */
  get waiting(): number {
    let most = 0;
    for (const { policy, waiting } of this.#subscriptions)
      if (policy.kind === "reliable") most = Math.max(most, waiting);
    return most;
  }

  /** How full the fullest of its readers' streams is, 0 to 1 or more. */
  get fill(): number {
    let most = 0;
    for (const { policy, waiting } of this.#subscriptions)
      if (policy.kind === "reliable") most = Math.max(most, waiting / (policy.maxEvents ?? 10_000));
    return most;
  }

  /** The oldest event that some reader was not handed. */
  get oldestPlace(): ItemPlace | undefined {
    this.#trim();
    return this.#places[0];
  }

  /** The last event that every reader was handed. */
  get handed(): HandedItem | undefined {
    this.#trim();
    return this.#handed;
  }

  /** Another owner goes on, perhaps with events that the one before it brought. */
  newOwner(): void {
    if (!this.hasIds && !this.isBook) this.#doubtedUntil = this.#arrivedAt + JITTER_MS;
  }

  push(item: Item, epoch: number, place: ItemPlace, times: ItemTimes): void {
    if (times.arrivedAt <= this.#doubtedUntil) return;
    this.#reach(epoch);
    const event = this.#event(item, epoch, times);
    if (this.isBook && this.#image.length > 0 && this.#image.length < MAX_KEPT)
      this.#image.push(event);
    this.#deliver(event, item, place, times);
  }

  /** An image of a book. It is for those who have no book, and for those who come later. */
  image(item: Item, epoch: number, place: ItemPlace, times: ItemTimes, isWanted: boolean): void {
    this.#reach(epoch);
    const event = this.#event(item, epoch, times);
    this.#image = [event];
    if (isWanted) this.#deliver(event, item, place, times);
  }

  gap(gap: StreamGap, epoch: number, toTime: number): void {
    const { fromSeq, toSeq, fromAgoMs, reason } = gap;
    const fromTime = fromAgoMs === undefined ? this.#lastAt : toTime - fromAgoMs;
    const record: GapRecord = { topic: this.name, epoch, fromSeq, toSeq, fromTime, toTime, reason };
    this.#gaps++;
    for (const subscription of this.#subscriptions) subscription.note(record);
    this.broke();
  }

  /** Events may be missing, as far as is known now. */
  broke(): void {
    this.#image = [];
    this.#breaks++;
    this.state.counted(this.#gaps, this.#breaks);
  }

  /** What the owner says of the topic. */
  tell(state: StateBody, epoch: number): void {
    this.#told = state;
    this.#epoch = Math.max(this.#epoch, epoch);
    this.#publish();
  }

  /** Nothing is known of the topic now, for this reason; `undefined`: it is again. */
  silent(cause: WsError | undefined): void {
    if (this.#silence === cause) return;
    this.#silence = cause;
    this.#publish();
  }

  end(error: WsError | undefined): void {
    this.state.enter(error === undefined ? "closed" : "failed", error);
    for (const subscription of Array.from(this.#subscriptions)) subscription.end(error);
  }

  #reach(epoch: number): void {
    if (epoch <= this.#epoch) return;
    this.#epoch = epoch;
    this.#publish();
  }

  #publish(): void {
    const told = phaseOf(this.#told.phase);
    const isQuiet = this.#silence !== undefined && told === "live";
    const cause = this.#silence ?? errorOf(this.#told.cause);
    this.state.enter(isQuiet ? "stale" : told, cause, this.#epoch);
  }

  #event(item: Item, epoch: number, { receivedAt }: ItemTimes): TopicEvent<unknown> {
    const isRead = this.#subscriptions.size > 0 || this.isBook;
    return {
      topic: this.name,
      data: isRead ? readJson(item.payload) : undefined,
      epoch,
      seq: ++this.#seq,
      receivedAt,
      isCurrent: item.isCurrent,
      gaps: this.#gaps,
    };
  }

  #deliver(
    event: TopicEvent<unknown>,
    item: Item,
    place: ItemPlace,
    { arrivedAt, receivedAt, isAgeKnown }: ItemTimes,
  ): void {
    this.#lastAt = receivedAt;
    this.#arrivedAt = Math.max(this.#arrivedAt, arrivedAt);
    const { venueMs, lastId: id } = item;
    if (venueMs !== undefined && isAgeKnown) this.#clock.heard(arrivedAt, venueMs);
    this.#places.push({ ...place, id });
    // An age that is not known is `Infinity`, so that nothing is fresh by it.
    const agedFrom = isAgeKnown ? arrivedAt : Number.NEGATIVE_INFINITY;
    for (const subscription of this.#subscriptions) subscription.push(event, agedFrom, venueMs);
    if (this.#places.length >= 2 * this.waiting + 64) this.#trim();
  }

  #trim(): void {
    const done = this.#places.length - this.waiting;
    const last = this.#places[done - 1];
    if (last === undefined) return;
    const { item, owner, id = this.#handed?.id ?? null } = last;
    this.#handed = { item, owner, id };
    this.#places = this.#places.slice(done);
  }
}

/** A topic that has ended for its owner goes on with another one. It is final for no reader. */
function phaseOf(told: string): TopicPhase {
  switch (told) {
    case "subscribing":
    case "recovering":
    case "live":
    case "stale":
      return told;
    default:
      return "recovering";
  }
}
