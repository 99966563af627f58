import { binanceMarketFeed } from "./drivers/binance-market.js";
import { binanceUserDataFeed } from "./drivers/binance-user-data.js";
import { coinbaseAccountFeed } from "./drivers/coinbase-account.js";
import { coinbaseMarketFeed } from "./drivers/coinbase-market.js";
import { ibkrOrdersFeed } from "./drivers/ibkr-orders.js";
import type { VenueUnderTest } from "@oath-ws/testing/venue";

/** The venues that are looked at: one entry and one driver file for each feed. */
export const VENUES: readonly VenueUnderTest[] = [
  { name: "Binance", feeds: [binanceMarketFeed(), binanceUserDataFeed()] },
  { name: "Coinbase", feeds: [coinbaseMarketFeed(), coinbaseAccountFeed()] },
  { name: "IBKR", feeds: [ibkrOrdersFeed()] },
];
