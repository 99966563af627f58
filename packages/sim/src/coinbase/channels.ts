/** What a channel takes and what it needs. */
export interface ChannelRule {
  /** Whether products have to be named. */
  readonly products: boolean;
  /** Whether it needs a JWT. */
  readonly isPrivate: boolean;
}

/** The venue's channels (C-21). `level2` calls itself `l2_data` in its frames. */
export type Channel =
  | "heartbeats"
  | "candles"
  | "status"
  | "ticker"
  | "ticker_batch"
  | "level2"
  | "market_trades"
  | "user"
  | "futures_balance_summary";

const PUBLIC: ChannelRule = { products: true, isPrivate: false };
const PRIVATE: ChannelRule = { products: false, isPrivate: true };

export const CHANNELS: Readonly<Record<Channel, ChannelRule>> = {
  heartbeats: { products: false, isPrivate: false },
  candles: PUBLIC,
  status: PUBLIC,
  ticker: PUBLIC,
  ticker_batch: PUBLIC,
  level2: PUBLIC,
  market_trades: PUBLIC,
  user: PRIVATE,
  futures_balance_summary: PRIVATE,
};

export function isChannel(name: string): name is Channel {
  return Object.hasOwn(CHANNELS, name);
}

/** The user endpoint has only these (C-1). */
export const USER_ENDPOINT_CHANNELS: ReadonlySet<Channel> = new Set([
  "heartbeats",
  "user",
  "futures_balance_summary",
]);
