import type { Timer } from "@oath-ws/contract";
import type { SubscribeOptions } from "../topic/subscription.js";
import { MarketReader } from "./market-reader.js";
import type { OpenSymbol } from "./symbol-board.js";

/**
 * A reader of one symbol whose default policy is `reliable`: trades.
 *
 * @throws what the adapter throws for the symbol or the options
 */
export function symbolReader<T>(
  open: OpenSymbol<T>,
  timer: Timer,
  symbol: string,
  options: SubscribeOptions = {},
): MarketReader<T> {
  const policy = options.policy ?? { kind: "reliable" };
  return new MarketReader<T>({
    kind: "trades",
    sources: [open(symbol, { ...options, policy })],
    policy: policy.kind,
    now: () => timer.now(),
  });
}
