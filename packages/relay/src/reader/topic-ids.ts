import { IdOrder } from "@oath-ws/venue-kit";
import type { GapReason, IdVerdict } from "@oath-ws/venue-kit";

/**
 * How long an owner may take to append again what the engine forgot, by the engine's clock, in
 * milliseconds.
 */
const OVERLAP_MS = 60_000;

/** The order of the venue's ids of each topic, over owners, and over what the engine forgot. */
export class TopicIds {
  readonly #orders = new Map<number, IdOrder>();
  /** The last id of each topic before what is told. */
  readonly #before = new Map<number, number>();
  /**
   * The last id of each topic when the engine was found to have forgotten: up to it all is known.
   */
  readonly #overlap = new Map<number, number>();
  #overlapUntilMs: number | undefined;
  /** Why the next event of a topic may show a hole in its ids. */
  readonly #suspected = new Map<number, GapReason>();

  /** The last id of a topic before the first that was told; `undefined` where none is known. */
  before(topic: number): number | undefined {
    return this.#before.get(topic);
  }

  /** What came up to this id is not told. */
  begin(topic: number, id: number): void {
    this.#before.set(topic, id);
    this.#orderOf(topic).judge(id, id, 0, undefined);
  }

  /** The ids of a topic begin again. */
  reset(topic: number): void {
    this.#orders.delete(topic);
  }

  /** Ids of a topic may have a hole here: its next event tells. */
  suspect(topic: number, reason: GapReason): void {
    this.#suspected.set(topic, reason);
  }

  /** The same for what may be missing of any topic, unless a reason is known already. */
  suspectAll(topics: Iterable<number>, reason: GapReason): void {
    for (const topic of topics) if (!this.#suspected.has(topic)) this.#suspected.set(topic, reason);
  }

  /** The engine forgot: owners append again what was told up to now. */
  rewound(): void {
    this.#overlapUntilMs = undefined;
    for (const [topic, { last }] of this.#orders)
      if (last !== undefined) this.#overlap.set(topic, last);
  }

  /**
   * Judges an event that covers these ids.
   *
   * @param timeMs when the engine stored it, by its clock
   */
  judge(topic: number, firstId: number, lastId: number, timeMs: number): IdVerdict {
    if (this.#isOverlap(topic, lastId, timeMs)) return "double";
    const suspected = this.#suspected.get(topic);
    const verdict = this.#orderOf(topic).judge(firstId, lastId, timeMs, suspected);
    if (verdict === "double") return verdict;
    this.#suspected.delete(topic);
    // A hole that the owner did not tell of came about behind it.
    return verdict !== "next" && suspected === undefined && verdict.reason === "venue"
      ? { ...verdict, reason: "relay" }
      : verdict;
  }

  /**
   * Whether an event is one that the engine forgot, and that an owner appended again. However many
   * there are, they are no count that begins again.
   */
  #isOverlap(topic: number, lastId: number, timeMs: number): boolean {
    const until = this.#overlap.get(topic);
    if (until === undefined) return false;
    this.#overlapUntilMs ??= timeMs + OVERLAP_MS;
    if (lastId <= until && timeMs <= this.#overlapUntilMs) return true;
    this.#overlap.delete(topic);
    return false;
  }

  #orderOf(topic: number): IdOrder {
    const known = this.#orders.get(topic);
    if (known !== undefined) return known;
    const order = new IdOrder();
    this.#orders.set(topic, order);
    return order;
  }
}
