import type { PartialConfig } from "@oath-ws/resilience";
import type { FeedOptions } from "@oath-ws/venue-kit";
import { MARKET_CONFIG } from "../feed/market-settings.js";

/** The live WebSocket API (B-31). */
export const USER_DATA_URL = "wss://ws-api.binance.com:443";

/**
 * 300 attempts in 5 minutes per IP, as on the market streams; frames are limited by weight, and a
 * login costs next to none (B-31).
 */
export const USER_DATA_CONFIG: PartialConfig = { attempts: MARKET_CONFIG.attempts };

/** There is one topic, and it needs no command. */
export const USER_DATA_COMMANDS: FeedOptions["commands"] = {
  maxTopics: 1,
  maxInFlight: 1,
  answerTimeoutMs: 10_000,
  maxUnanswered: 3,
};
