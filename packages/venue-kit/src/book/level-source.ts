import type { BookSide } from "./book-levels.js";

/** A level as a message has it. Nothing of it is checked yet. */
export interface LevelDraft {
  /** `undefined` when the message does not say it in a way that is known. */
  side: BookSide | undefined;
  price: unknown;
  quantity: unknown;
}

/**
 * The levels of one message, read one by one, so that a big message is taken up over several turns
 * without copies of it.
 */
export interface LevelSource {
  /** How many there are, on both sides together. */
  readonly size: number;
  /** Writes the level at an index into the draft. Must not throw, whatever the venue sent. */
  read(index: number, draft: LevelDraft): void;
}

/**
 * Levels as `[price, quantity]`, in one list for each side: the form that most venues use. What is
 * not a list is one level that cannot be read.
 */
export function pairLevels(bids: unknown, asks: unknown): LevelSource {
  return sideLevels(bids, asks, (entry, draft) => {
    const pair = listOf(entry);
    draft.price = pair[0];
    draft.quantity = pair[1];
  });
}

/**
 * Levels as objects, in one list for each side, with the names of the two members: `price` and
 * `qty`, say. What is not a list is one level that cannot be read.
 */
export function objectLevels(
  bids: unknown,
  asks: unknown,
  names: { readonly price: string; readonly quantity: string },
): LevelSource {
  return sideLevels(bids, asks, (entry, draft) => {
    const level = Object(entry) as Readonly<Record<string, unknown>>;
    draft.price = level[names.price];
    draft.quantity = level[names.quantity];
  });
}

function sideLevels(
  bids: unknown,
  asks: unknown,
  read: (entry: unknown, draft: LevelDraft) => void,
): LevelSource {
  const bidList = listOf(bids);
  const askList = listOf(asks);
  return {
    size: bidList.length + askList.length,
    read(index, draft) {
      const isBid = index < bidList.length;
      draft.side = isBid ? "bid" : "ask";
      read(isBid ? bidList[index] : askList[index - bidList.length], draft);
    },
  };
}

const NOT_A_LIST: readonly unknown[] = [undefined];

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NOT_A_LIST;
}
