import type { Level } from "./level-side.js";

/**
 * Why a book was lost and is built again.
 *
 * - `reconnected`: the connection broke
 * - `gap`: updates are missing, by the venue's numbers or because our own buffer dropped them
 * - `lagged`: updates may be missing and none came to tell; or more of them waited than are kept
 * - `malformed`: a message or a level of it cannot be read; the state's `cause` names the field
 * - `crossed`: the best bid reaches the best ask
 * - `checksum`: the venue's checksum is another one
 * - `depth`: no level is left in the known part of a side
 * - `requested`: by `OrderBook.resync`
 */
export type BookLossReason =
  | "reconnected"
  | "gap"
  | "lagged"
  | "malformed"
  | "crossed"
  | "checksum"
  | "depth"
  | "requested";

/**
 * What happened to a book.
 *
 * - `snapshot`: it was built again, and has so many levels
 * - `changes`: these levels changed; a quantity of zero means that nothing stands there now. `raw`
 *   is the venue's own message
 * - `lost`: it is empty and will be built again
 */
export type BookUpdate<Raw> =
  | {
      readonly kind: "snapshot";
      readonly bids: number;
      readonly asks: number;
      readonly updateId: number | undefined;
    }
  | {
      readonly kind: "changes";
      readonly bids: readonly Level[];
      readonly asks: readonly Level[];
      readonly updateId: number | undefined;
      readonly raw: Raw;
    }
  | { readonly kind: "lost"; readonly reason: BookLossReason };
