import { networkPlatform } from "oath-ws/leaf";
import type { StageParts } from "./stage.js";

/** How much of a market is simulated where books are compared. */
const MARKET = { auto: false, levels: 20, changesPerStep: 6 } as const;

/** Symbols of a market, some of them with a book. */
export const SYMBOLS = 8;
export const BOOKS = 4;

/** What the simulators of Binance and Coinbase begin with. */
export function marketOf({ seed, venue }: StageParts): {
  readonly seed: number;
  readonly host: string;
  readonly platform: ReturnType<typeof networkPlatform>;
  readonly market: typeof MARKET;
} {
  return { seed, host: venue.name, platform: networkPlatform(venue), market: MARKET };
}
