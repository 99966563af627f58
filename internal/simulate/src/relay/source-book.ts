/** What the fake venue sends of its book: all of it, or what changed. */
export interface BookPayload {
  readonly kind: "image" | "changes";
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly updateId: number;
}

type Level = readonly [price: string, quantity: string];

const LEVELS = 12;

/** The venue's book of one symbol, and every state that it had, by the number of the update. */
export class SourceBook {
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  readonly #states: string[] = [];

  constructor() {
    for (let i = 1; i <= LEVELS; i++) {
      this.#bids.set(1_000 - i, i);
      this.#asks.set(1_000 + i, i);
    }
    this.#states.push(this.#text());
  }

  /** The number of the newest update. */
  get updateId(): number {
    return this.#states.length - 1;
  }

  /** Changes one level of each side; a quantity of zero takes it away. */
  move(): BookPayload {
    const updateId = this.updateId + 1;
    const level = 1 + (updateId % LEVELS);
    const quantity = updateId % 5 === 0 && level > 1 ? 0 : updateId;
    set(this.#bids, 1_000 - level, quantity);
    set(this.#asks, 1_000 + level, quantity);
    this.#states.push(this.#text());
    const text = String(quantity);
    return {
      kind: "changes",
      bids: [[String(1_000 - level), text]],
      asks: [[String(1_000 + level), text]],
      updateId,
    };
  }

  image(): BookPayload {
    const { updateId } = this;
    return { kind: "image", bids: this.#list("bids"), asks: this.#list("asks"), updateId };
  }

  /** The book as it was after an update, best first; `undefined` for a number that it never had. */
  at(updateId: number): string | undefined {
    return this.#states[updateId];
  }

  #list(side: "bids" | "asks"): readonly Level[] {
    const levels = [...(side === "bids" ? this.#bids : this.#asks)];
    levels.sort(([one], [other]) => (side === "bids" ? other - one : one - other));
    return levels.map(([price, quantity]) => [String(price), String(quantity)]);
  }

  #text(): string {
    return bookText(this.#list("bids"), this.#list("asks"));
  }
}

/** Both sides of a book in words, to be compared. */
export function bookText(bids: readonly Level[], asks: readonly Level[]): string {
  return [bids, asks].map((side) => side.map((level) => level.join(" ")).join()).join("|");
}

function set(side: Map<number, number>, price: number, quantity: number): void {
  if (quantity === 0) side.delete(price);
  else side.set(price, quantity);
}
