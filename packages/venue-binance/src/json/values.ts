import type { ByteCursor } from "@oath-ws/venue-kit";
import { Literal } from "@oath-ws/venue-kit";

/**
 * Reads the prices and quantities of one payload, in the form that the stream's readers want them:
 * `N` is a number, and `L` one side of the levels of a book.
 */
export interface Values<N, L> {
  /** A payload begins. */
  begin(): void;
  /** `undefined` when no plain decimal number stands there. */
  price(cursor: ByteCursor): N | undefined;
  /** `undefined` when no plain decimal number stands there. */
  quantity(cursor: ByteCursor): N | undefined;
  /** `undefined` when no list of pairs stands there. */
  levels(cursor: ByteCursor): L | undefined;
  /** The payload is read: adds what holds for all its numbers, and returns it. */
  end(payload: object): object;
}

const NO_LEVELS = new Literal("[]");
const FIRST_LEVEL = new Literal('[["');
const NEXT_NUMBER = new Literal('","');
const NEXT_LEVEL = new Literal('"],["');
const LAST_LEVEL = new Literal('"]]');

/**
 * Reads a list of levels, and gives each to `add`.
 *
 * @returns whether a list stood there
 */
export function readLevels<N>(
  cursor: ByteCursor,
  values: Pick<Values<N, unknown>, "price" | "quantity">,
  add: (price: N, quantity: N) => void,
): boolean {
  if (cursor.skip(NO_LEVELS)) return true;
  if (!cursor.skip(FIRST_LEVEL)) return false;
  do {
    const price = values.price(cursor);
    if (price === undefined || !cursor.skip(NEXT_NUMBER)) return false;
    const quantity = values.quantity(cursor);
    if (quantity === undefined) return false;
    add(price, quantity);
  } while (cursor.skip(NEXT_LEVEL));
  return cursor.skip(LAST_LEVEL);
}
