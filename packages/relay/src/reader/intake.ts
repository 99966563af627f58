import type { GapReason } from "@oath-ws/venue-kit";
import type { StoredMessage } from "../engine/engine.js";
import { decodeBatch } from "../wire/batch.js";
import type { Batch } from "../wire/batch.js";
import type { HandedItem, RelayPosition } from "./position.js";
import { TopicIds } from "./topic-ids.js";
import type { StreamTail } from "../stream/read-tail.js";
import { readJson } from "../wire/json.js";
import type { BatchHead, GapBody, Item, LifecycleBody, MarkBody, StateBody } from "../wire/item.js";

/** A gap as the stream tells it. */
export interface StreamGap {
  readonly fromSeq: number | undefined;
  readonly toSeq: number | undefined;
  /** How long before the item it began, in milliseconds. */
  readonly fromAgoMs: number | undefined;
  readonly reason: GapReason;
}

/** Where an item stands: its message, and its number within its owner's term. */
export interface ItemPlace {
  readonly seq: number;
  readonly item: number;
  readonly owner: string;
}

/** Is told what a stream brings, in order, each item once. `message` is the one that brought it. */
export interface IntakeSink {
  mark(mark: MarkBody, message: StoredMessage): void;
  event(topic: number, item: Item, place: ItemPlace, message: StoredMessage): void;
  /** @param isWanted whether readers wait for it: they have lost their book, or never had it */
  image(
    topic: number,
    item: Item,
    place: ItemPlace,
    isWanted: boolean,
    message: StoredMessage,
  ): void;
  frame(item: Item, place: ItemPlace, message: StoredMessage): void;
  gap(topic: number, gap: StreamGap, message: StoredMessage): void;
  state(topic: number, state: StateBody): void;
  line(lifecycle: LifecycleBody, message: StoredMessage): void;
  /** Another owner goes on. Of topics without ids, events may be missing. */
  newOwner(message: StoredMessage): void;
  /** So many items are missing here, of any topics. */
  lost(items: number, message: StoredMessage): void;
  /** A message could not be read. What it held is told as lost. */
  unreadable(error: unknown): void;
}

/** Owners whose last item is remembered; a reader goes back over no more than a few. */
const MAX_OWNERS = 32;

/** What an {@link Intake} knows of a topic. */
interface TopicEntry {
  readonly hasIds: boolean;
  readonly isBook: boolean;
}

/**
 * Reads the messages of a stream, and tells each item once.
 *
 * How this works: items have consecutive numbers within the term of their owner. The last number of
 * each owner is remembered. What is at or below it is a repetition: the engine forgot, and the
 * owner appended again, or the reader went back. What is further on than the next number is a loss.
 * Between owners the venue's ids tell the same, for topics that have them.
 *
 * A reader that joins late reads from before its beginning, silently: only books are told, whose
 * state it needs. /
 */
export class Intake {
  readonly #sink: IntakeSink;
  readonly #owners = new Map<string, number>();
  readonly #ids = new TopicIds();
  /** Books whose next image is wanted. */
  readonly #imagesWanted = new Set<number>();
  #topics: readonly TopicEntry[] = [];
  #current: string | undefined;
  #joinSeq = 0;
  /** The end of the stream when this reader joined; `undefined` without an owner. */
  #joined: ItemPlace | undefined;
  /** While going back: what is skipped up to this message unless its owner is known. */
  #rewindTo = 0;
  #mark: MarkBody | undefined;
  #seq = 0;
  /** The message that is read again although it was read before: a part of it was not told. */
  #partial: number | undefined;
  /** Of each topic the last item that an earlier process handed out, and is not told again. */
  #handed: readonly HandedItem[] = [];
  /** Items that came again, and were not told again. */
  repeated = 0;

  constructor(sink: IntakeSink) {
    this.#sink = sink;
  }

  /** The last message that was read; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** The newest watermark. */
  get newestMark(): MarkBody | undefined {
    return this.#mark;
  }

  /**
   * The last item that was told, or that came before the first. `undefined` before any owner is
   * known.
   */
  get place(): ItemPlace | undefined {
    // What is read silently was before the end at which this reader joined.
    if (this.#joined !== undefined && this.#seq < this.#joined.seq) return this.#joined;
    const owner = this.#current;
    if (owner === undefined) return undefined;
    return { seq: this.#seq, owner, item: this.#owners.get(owner) ?? 0 };
  }

  /** The last id of a topic before the first that was told; `undefined` where none is known. */
  idBefore(topic: number): number | undefined {
    return this.#ids.before(topic);
  }

  /** What an earlier process handed out last of a topic; `undefined` for nothing. */
  handedBefore(topic: number): HandedItem | undefined {
    const handed = this.#handed[topic];
    return handed?.owner === "" ? undefined : handed;
  }

  /** Begins at the end of the stream: what comes up to there is read silently. */
  join({ lastSeq, ids, owner, lastItem }: StreamTail): void {
    this.#joinSeq = lastSeq;
    for (const [topic, id] of ids) this.#ids.begin(topic, id);
    if (owner === undefined) return;
    this.#current = ownerOf(owner);
    this.#joined = { seq: lastSeq, owner: this.#current, item: lastItem };
    this.#remember(this.#current, lastItem);
  }

  /** The readers of a book have lost it: its next image is for them. */
  wantImage(topic: number): void {
    this.#imagesWanted.add(topic);
  }

  /** Learns of the topics before anything is read. */
  learn(mark: MarkBody): void {
    this.#mark = mark;
    const isFirst = this.#topics.length === 0;
    this.#topics = mark.topics;
    if (isFirst) this.#wantImages();
  }

  /** Goes on where this reader stood in an earlier process. */
  resume({ seq, owner, item, topics }: RelayPosition): void {
    this.#remember(owner, item);
    this.#current = owner;
    this.#seq = seq - 1;
    this.#partial = seq;
    this.#handed = topics;
    for (const [topic, { id }] of topics.entries()) if (id !== null) this.#ids.begin(topic, id);
  }

  /** The message that reading begins with, so that its place can be checked; 0 for the first. */
  get readFrom(): number {
    return this.#partial ?? this.#seq;
  }

  /** The engine forgot: what follows up to this message was read before, as far as it is known. */
  rewind(lastSeq: number): void {
    // What came before the beginning was told of books already, and is not told again.
    if (this.#seq >= this.#joinSeq) this.#joinSeq = 0;
    else this.#wantImages();
    // What is stored from now on is new, at whichever places.
    this.#joinSeq = Math.min(this.#joinSeq, lastSeq);
    this.#rewindTo = lastSeq;
    this.#seq = 0;
    this.#ids.rewound();
  }

  /** Whether this message is the one that stands at its place, as far as was read before. */
  isContinuation({ data }: StoredMessage): boolean {
    try {
      const { head } = decodeBatch(data);
      const known = this.#owners.get(ownerOf(head));
      return known !== undefined && head.first <= known + 1;
    } catch {
      // What cannot be read now could not be read then.
      return true;
    }
  }

  take(message: StoredMessage): void {
    // A subscription that was begun again may repeat.
    if (message.seq <= this.#seq) return;
    this.#seq = message.seq;
    this.#partial = undefined;
    let batch: Batch;
    try {
      batch = decodeBatch(message.data);
    } catch (error) {
      this.#sink.unreadable(error);
      return;
    }
    const { head } = batch;
    const owner = ownerOf(head);
    const known = this.#owners.get(owner);
    if (message.seq <= this.#rewindTo) {
      if (known === undefined) return;
      this.#rewindTo = 0;
    }
    // What was read before says nothing about who owns the shard now.
    const isOld = known !== undefined && head.first + batch.items.length - 1 <= known;
    if (isOld && owner !== this.#current) {
      this.repeated += batch.items.length;
      return;
    }
    const isSilent = message.seq <= this.#joinSeq;
    if (owner !== this.#current) this.#meet(owner, head, known, isSilent, message);
    const before = this.#owners.get(owner) ?? head.first - 1;
    if (!isSilent && head.first > before + 1) this.#lose(head.first - before - 1, message);
    this.#remember(owner, Math.max(before, head.first + batch.items.length - 1));
    this.#items(batch, owner, before, isSilent, message);
    if (head.mark !== undefined) {
      this.learn(head.mark);
      this.#sink.mark(head.mark, message);
    }
  }

  #meet(
    owner: string,
    head: BatchHead,
    known: number | undefined,
    isSilent: boolean,
    message: StoredMessage,
  ): void {
    const isFirst = this.#current === undefined;
    this.#current = owner;
    if (known === undefined)
      // Without its term record something of it, or of the owner before, was not read.
      this.#remember(owner, head.kind === "term" || isFirst || isSilent ? head.first - 1 : 0);
    if (isFirst) return;
    this.#wantImages();
    if (isSilent) return;
    this.#suspect("relay");
    if (known === undefined && head.kind !== "term" && head.first === 1) this.#lose(1, message);
    this.#sink.newOwner(message);
  }

  #items(
    { head, items }: Batch,
    owner: string,
    before: number,
    isSilent: boolean,
    message: StoredMessage,
  ): void {
    for (const [index, item] of items.entries()) {
      const number = head.first + index;
      if (!isSilent && (number <= before || this.#wasHanded(owner, item.topic, number))) {
        this.repeated++;
        continue;
      }
      try {
        this.#item(item, { seq: message.seq, item: number, owner }, isSilent, message);
      } catch (error) {
        this.#sink.unreadable(error);
        if (!isSilent) this.#lose(1, message);
      }
    }
  }

  /** Numbers say nothing between owners, but the terms do. */
  #wasHanded(owner: string, topic: number | undefined, number: number): boolean {
    const handed = topic === undefined ? undefined : this.handedBefore(topic);
    if (handed === undefined) return false;
    if (owner === handed.owner) return number <= handed.item;
    return termOf(owner) < termOf(handed.owner);
  }

  #item(item: Item, place: ItemPlace, isSilent: boolean, message: StoredMessage): void {
    const { kind, topic } = item;
    switch (kind) {
      case "event":
        if (topic !== undefined) this.#event(topic, item, place, isSilent, message);
        return;
      case "image":
        if (topic === undefined) return;
        this.#sink.image(topic, item, place, this.#imagesWanted.delete(topic), message);
        return;
      case "text":
      case "binary":
        if (!isSilent) this.#sink.frame(item, place, message);
        return;
      case "gap":
        if (!isSilent) this.#gap(item, message);
        return;
      case "state":
        if (topic === undefined || isSilent) return;
        this.#sink.state(topic, readJson<StateBody>(item.payload));
        return;
      case "lifecycle":
        if (!isSilent) this.#sink.line(readJson<LifecycleBody>(item.payload), message);
        return;
      default:
        kind satisfies never;
    }
  }

  #event(
    topic: number,
    item: Item,
    place: ItemPlace,
    isSilent: boolean,
    message: StoredMessage,
  ): void {
    const { firstId, lastId } = item;
    if (this.#topics[topic]?.isBook === true) {
      // Changes to a book that is not there yet mean nothing: its image follows.
      if (!this.#imagesWanted.has(topic)) this.#sink.event(topic, item, place, message);
      return;
    }
    if (lastId !== undefined && firstId !== undefined) {
      if (isSilent) return;
      const verdict = this.#ids.judge(topic, firstId, lastId, message.timeMs);
      if (verdict === "double") {
        this.repeated++;
        return;
      }
      if (verdict !== "next") this.#sink.gap(topic, { ...verdict, fromAgoMs: undefined }, message);
    }
    if (!isSilent) this.#sink.event(topic, item, place, message);
  }

  /** Ids may have a hole here, or begin again: the next event of each topic tells. */
  #suspect(reason: GapReason): void {
    const topics = this.#topics.flatMap(({ hasIds }, topic) => (hasIds ? [topic] : []));
    this.#ids.suspectAll(topics, reason);
  }

  #gap({ topic, payload }: Item, message: StoredMessage): void {
    // One without a payload stands for an item that the engine could not hold.
    if (topic === undefined || payload.length === 0) {
      const isOne = payload.length === 0;
      this.#lose(isOne ? 1 : readJson<{ readonly lost: number }>(payload).lost, message);
      return;
    }
    const body = readJson<GapBody>(payload);
    const reason = body.reason as GapReason;
    if (this.#topics[topic]?.hasIds === true && reason !== "idsReset") {
      // The ids tell exactly what is missing; the owner knows why.
      this.#ids.suspect(topic, reason);
      return;
    }
    this.#ids.reset(topic);
    const { fromSeq, toSeq, fromAgoMs } = body;
    this.#sink.gap(
      topic,
      {
        fromSeq: fromSeq ?? undefined,
        toSeq: toSeq ?? undefined,
        fromAgoMs: fromAgoMs ?? undefined,
        reason,
      },
      message,
    );
  }

  #lose(items: number, message: StoredMessage): void {
    this.#wantImages();
    this.#suspect("relay");
    this.#sink.lost(items, message);
  }

  /** The state of every book is to be told again. */
  #wantImages(): void {
    for (const [topic, { isBook }] of this.#topics.entries())
      if (isBook) this.#imagesWanted.add(topic);
  }

  #remember(owner: string, item: number): void {
    this.#owners.delete(owner);
    this.#owners.set(owner, item);
    if (this.#owners.size <= MAX_OWNERS) return;
    const [oldest] = this.#owners.keys();
    if (oldest !== undefined) this.#owners.delete(oldest);
  }
}

/** Whether a place comes before another, or there is no other. */
export function isBefore(place: ItemPlace, other: ItemPlace | undefined): boolean {
  if (other === undefined) return true;
  return place.seq === other.seq ? place.item < other.item : place.seq < other.seq;
}

function termOf(owner: string): number {
  return Number.parseInt(owner, 10);
}

function ownerOf({ line, term }: Pick<BatchHead, "line" | "term">): string {
  return `${term}/${line}`;
}
