/** A hole behind which the position stays until it is settled and read past. */
export interface PositionFloor {
  /** The last id before the hole. */
  readonly id: number;
  /** What has to be handed out for the hole to be past; `undefined` while it is open. */
  liftAtSeq: number | undefined;
}

/**
 * The id up to which a reader was handed everything, or was told that it is missing. A hole that is
 * filled late holds the position back, so that a process that ends meanwhile asks for it again.
 */
export class ReaderPosition {
  #last: number | undefined;
  #seq = 0;
  #floors: PositionFloor[] = [];
  #restartsAt: number | undefined;

  constructor(after: number | undefined) {
    this.#last = after;
  }

  get value(): number | undefined {
    let value = this.#last;
    if (value === undefined || this.#floors.length === 0) return value;
    this.#floors = this.#floors.filter(({ liftAtSeq }) => !(this.#seq >= (liftAtSeq ?? Infinity)));
    for (const { id } of this.#floors) value = Math.min(value, id);
    return value;
  }

  /** Events after a hole are delivered now, while it may still be filled. */
  openAfter(id: number): PositionFloor {
    const floor: PositionFloor = { id, liftAtSeq: undefined };
    this.#floors.push(floor);
    return floor;
  }

  /** The ids restart with this event. */
  restart(seq: number): void {
    this.#restartsAt = seq;
  }

  /** An event was handed out. */
  handed(id: number, seq: number): void {
    this.#seq = seq;
    if (this.#restartsAt !== undefined && seq >= this.#restartsAt) {
      this.#restartsAt = undefined;
      this.#floors = this.#floors.filter(({ liftAtSeq }) => liftAtSeq === undefined);
      this.#last = id;
    } else if (this.#last === undefined || id > this.#last) {
      this.#last = id;
    }
  }
}
