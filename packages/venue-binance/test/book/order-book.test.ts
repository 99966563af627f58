import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OrderBook } from "@oath-ws/venue-binance";
import type { PriceLevel } from "@oath-ws/venue-binance";

function bookOf(bids: readonly PriceLevel[], asks: readonly PriceLevel[]): OrderBook {
  const book = new OrderBook();
  book.reset({ lastUpdateId: 1, bids, asks });
  return book;
}

function change(book: OrderBook, b: readonly PriceLevel[], a: readonly PriceLevel[] = []): void {
  book.apply({
    e: "depthUpdate",
    E: 0,
    s: "X",
    U: book.lastUpdateId + 1,
    u: book.lastUpdateId + 1,
    b,
    a,
  });
}

describe("OrderBook", () => {
  it("orders both sides by price, best first, whatever order they came in", () => {
    const price = fc.integer({ min: 1, max: 2_000_000 }).map((cents) => (cents / 100).toFixed(8));
    const levels = fc
      .uniqueArray(price)
      .map((prices) => prices.map((text): PriceLevel => [text, "1.00000000"]));
    fc.assert(
      fc.property(levels, (all) => {
        const book = bookOf(all, all);
        const ascending = all.map(([text]) => Number(text)).toSorted((one, other) => one - other);
        expect(book.asks.map(({ price: text }) => Number(text))).toEqual(ascending);
        expect(book.bids.map(({ price: text }) => Number(text))).toEqual(ascending.toReversed());
      }),
    );
  });

  it("takes a quantity of zero, however it is written, for nothing", () => {
    const book = bookOf(
      [
        ["10.00", "1"],
        ["9.00", "1"],
      ],
      [],
    );
    change(book, [
      ["10.00000000", "0.00000000"],
      ["9.00", "0"],
    ]);
    expect(book.bids).toEqual([]);
  });

  it("removes what is not there without harm", () => {
    const book = bookOf([["10", "1"]], []);
    change(book, [["8", "0"]]);
    expect(book.bids).toEqual([{ price: "10", quantity: "1" }]);
  });

  it("gives both sides at a depth, and nothing beyond the shorter one", () => {
    const book = bookOf(
      [
        ["10", "1"],
        ["9", "2"],
      ],
      [["11", "3"]],
    );
    expect(book.at(0)).toEqual({
      bid: { price: "10", quantity: "1" },
      ask: { price: "11", quantity: "3" },
    });
    expect(book.at(1)).toBeUndefined();
  });

  it("finds a price however it is written", () => {
    const book = bookOf([["10.10000000", "1"]], []);
    expect(book.quantityAt("bid", "10.1")).toBe("1");
    expect(book.quantityAt("bid", "10.2")).toBeUndefined();
    expect(book.quantityAt("ask", "10.1")).toBeUndefined();
  });

  it("tells prices with eight decimals apart", () => {
    const book = bookOf(
      [
        ["123456.00000001", "1"],
        ["123456.00000002", "2"],
      ],
      [],
    );
    expect(book.bids.map(({ quantity }) => quantity)).toEqual(["2", "1"]);
  });

  it("is crossed when a bid reaches an ask", () => {
    expect(bookOf([["10", "1"]], [["11", "1"]]).isCrossed).toBe(false);
    expect(bookOf([["11", "1"]], [["11.0", "1"]]).isCrossed).toBe(true);
    expect(bookOf([["11", "1"]], []).isCrossed).toBe(false);
  });
});
