import type { OrderBook } from "@oath-ws/venue-kit";

type Pairs = ReadonlyArray<readonly [price: string, quantity: string]>;

/** The first level in which a book differs from the venue's; `undefined` when none does. */
export function differenceOf(
  book: OrderBook,
  truth: { readonly bids: Pairs; readonly asks: Pairs },
): string | undefined {
  for (const side of ["bids", "asks"] as const) {
    const [ours, theirs] = [book[side], truth[side]];
    // A snapshot with a limit knows no more than its levels.
    const known = Math.min(ours.length, theirs.length);
    if (known === 0 && theirs.length > 0) return `${side} are empty`;
    for (let i = 0; i < known; i++) {
      const [price, quantity] = theirs[i] ?? ["", ""];
      const level = ours[i];
      if (!isSame(level?.price, price) || !isSame(level?.quantity, quantity))
        return (
          `${side}[${i}] is ${level?.price} ${level?.quantity}, the venue ` +
          `has ${price} ${quantity}`
        );
    }
  }
  return undefined;
}

/** Whether two decimals are the same, however they are written. */
export function isSame(one: string | undefined, other: string): boolean {
  return one === other || Number(one) === Number(other);
}
