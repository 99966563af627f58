import type { Tracer } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import { checkOptions, choice, duration, number, unchecked } from "@oath-ws/venue-kit";
import type { OptionRules, RenewalOptions, VenueRuntime } from "@oath-ws/venue-kit";
import type { Encoding } from "../market/stream-name.js";
import { commonRules, encodingIssues } from "../option-issues.js";
import type { WeightBudget } from "../rest/weight-budget.js";
import { MARKET_CONFIG } from "./market-settings.js";

/** Options of `BinanceMarket`. */
export interface MarketOptions {
  /** Connections, clocks, jitter, and HTTP for order books: `nodeRuntime` of `oath-ws`. */
  readonly runtime: VenueRuntime;
  /**
   * Scheme, host and port of the streams. Default the live venue: `MARKET_URL`, or
   * `SBE_URL` for `encoding: "sbe"`.
   */
  readonly url?: string | undefined;
  /** Scheme, host and port of the REST API, where books begin. Default the live venue. */
  readonly restUrl?: string | undefined;
  /**
   * The request weight of this IP address. Default: shared by all adapters of the process that have
   * the same `restUrl`. Give one that other code which asks the venue takes its weight from too.
   */
  readonly budget?: WeightBudget | undefined;
  /**
   * How the venue writes events: `json` (the default), or `sbe`, a binary form that has only
   * `<symbol>@trade`, `@bestBidAsk`, `@depth` and `@depth20`, needs an `apiKey`, and counts all
   * times in microseconds. Payloads have the same fields either way, and books are the same.
   */
  readonly encoding?: Encoding | undefined;
  /**
   * The key of an Ed25519 pair, for `encoding: "sbe"` and nothing else. It goes to `url` in the
   * header `X-MBX-APIKEY`; nothing is signed, and the key needs no permission.
   */
  readonly apiKey?: string | undefined;
  /**
   * For JSON. `combined` (the default): every event names its stream. `raw`: a little less on the
   * wire, but no partial books, and no two streams of a symbol that differ only in speed or time
   * zone.
   */
  readonly mode?: "combined" | "raw" | undefined;
  /** What times in payloads count: `ms` (the default) or `us` (B-4). Over SBE always `us`. */
  readonly timeUnit?: "ms" | "us" | undefined;
  /**
   * Streams that one connection carries, at most 1 024. Default 1 000; more streams are spread over
   * further connections.
   */
  readonly maxStreamsPerConnection?: number | undefined;
  /**
   * When a connection is replaced before the venue ends it. Default: after 23 h; see
   * `RENEWAL`.
   */
  readonly renewal?: Partial<RenewalOptions> | undefined;
  /**
   * Silence of a whole connection that answers pings, in milliseconds, after which it is replaced:
   * when one of its streams has a rhythm, or two follow quotes, or a hundred follow trades. Default
   * 60 000; each time within 6 hours takes twice as much, up to an hour. `false`: never.
   */
  readonly muteAfterMs?: number | false | undefined;
  /** Laid over the venue's own settings, `MARKET_CONFIG`. */
  readonly config?: PartialConfig | undefined;
  /** Counts connection attempts (300 in 5 minutes per IP). Default: one for the process. */
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  /**
   * Told of frames that could not be read. Default: no listener; the topics' gap records tell of
   * them too.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const RULES: OptionRules<MarketOptions> = {
  ...commonRules(MARKET_CONFIG),
  encoding: choice("json", "sbe"),
  apiKey: unchecked,
  mode: choice("combined", "raw"),
  timeUnit: choice("ms", "us"),
  maxStreamsPerConnection: number({ min: 1, max: 1_024, whole: true }),
  muteAfterMs: (value, path) => (value === false ? [] : duration(value, path)),
};

/** @throws ConfigError listing everything that is wrong with them */
export function checkMarketOptions(options: MarketOptions): void {
  checkOptions(options, RULES, encodingIssues(options));
}
