import { ConfigError, WsError } from "@oath-ws/contract";
import { fillGapsByTime, numberIssues, unknownKeyIssues } from "@oath-ws/venue-kit";
import type {
  StreamPolicy,
  Subscription,
  TimeBackfill,
  TimeFilledSubscription,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import type { TradesEvent } from "../market/payloads.js";
import type { RestClient } from "../rest/rest-client.js";
import { fetchOldTrades } from "./old-trades.js";
import { TRADE_RECORDS } from "./trade-records.js";

/** How gaps of a product's trades are filled by REST; see `Backfill` of the kit for defaults. */
export interface BackfillOptions
  extends Pick<TimeBackfill<unknown>, "fillWithinMs" | "timeoutMs" | "tries"> {
  /**
   * Trades of one gap that are asked for, the newest, in pages of 1 000 (C-25). It bounds the
   * memory and the requests of a fill. Default 5 000.
   */
  readonly maxTrades?: number | undefined;
}

/** Options of `subscribe` with which the result fills gaps. */
export interface FillRequest {
  /** Fills gaps of `market_trades:<product>` from the venue's REST API. `true` for the defaults. */
  readonly backfill: true | BackfillOptions;
}

const KEYS: Readonly<Record<keyof BackfillOptions, true>> = {
  fillWithinMs: true,
  timeoutMs: true,
  tries: true,
  maxTrades: true,
};
const MAX_TRADES = 5_000;

interface Parts {
  readonly subscription: Subscription<TradesEvent>;
  readonly backfill: true | BackfillOptions;
  readonly policy: StreamPolicy | undefined;
  readonly rest: RestClient;
  readonly runtime: VenueRuntime;
  readonly onFault: (error: unknown) => void;
}

/**
 * Reads a product's trades with the gaps filled. Closes the subscription when that cannot work.
 *
 * @throws WsError `BACKFILL_UNAVAILABLE` for another topic; ConfigError for options that cannot
 *   work
 */
export function fillTrades(parts: Parts): TimeFilledSubscription<TradesEvent> {
  const { subscription, backfill, policy, rest, runtime, onFault } = parts;
  const { topic } = subscription;
  try {
    if (!topic.startsWith("market_trades:")) {
      const message = `the venue's REST API has no events of ${topic}`;
      throw new WsError({ kind: "client", code: "BACKFILL_UNAVAILABLE", message });
    }
    const { maxTrades = MAX_TRADES, ...options } = backfill === true ? {} : backfill;
    const issues = [
      ...unknownKeyIssues(backfill === true ? {} : backfill, KEYS, "backfill."),
      ...numberIssues({ maxTrades }, { maxTrades: { min: 1, whole: true } }, "backfill."),
    ];
    if (issues.length > 0) throw new ConfigError(issues);
    const { timer, random } = runtime;
    const product = topic.slice(topic.indexOf(":") + 1);
    return fillGapsByTime(subscription, {
      timer,
      policy,
      records: TRADE_RECORDS,
      backfill: {
        ...options,
        timer,
        random,
        onFault,
        fetch: (range, signal) => fetchOldTrades(rest, { product, range, maxTrades, signal }),
      },
    });
  } catch (error) {
    subscription.close();
    throw error;
  }
}
