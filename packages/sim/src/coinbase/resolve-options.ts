import { asChoice, asFlag, asInteger, asText } from "../check.js";
import type { ScriptedFault } from "../faults/fault.js";
import { parseTarget, scripted } from "../faults/parse-fault.js";
import type { MarketSettings } from "../market/market.js";
import {
  choice,
  flag,
  group,
  list,
  number,
  optional,
  resolve,
  type Rule,
  type Rules,
  whole,
} from "../option-rules.js";
import { SimOptionError } from "../option-error.js";
import {
  type MarketGiven,
  marketRules,
  startTime,
  VENUE_RULES,
  type VenueSettings,
} from "../venue-options.js";
import { type CoinbaseFault, parseCoinbaseFault } from "./coinbase-fault.js";
import { productSpec } from "./market/product-spec.js";
import type {
  CoinbaseAccountOptions,
  CoinbaseLimitOptions,
  CoinbaseSimOptions,
  CoinbaseWireOptions,
} from "./options.js";

/** Options with every default filled in. */
export interface CoinbaseSettings extends VenueSettings {
  readonly usdcProducts: ReadonlySet<string>;
  readonly market: MarketSettings;
  readonly limits: Required<CoinbaseLimitOptions>;
  readonly wire: Required<Omit<CoinbaseWireOptions, "clientId">> & {
    readonly clientId: boolean | undefined;
  };
  readonly accounts: readonly CoinbaseAccountOptions[];
  readonly requireJwt: boolean;
  readonly script: readonly ScriptedFault<CoinbaseFault>[];
}

/** The options as they are given, with defaults: products and market stand apart. */
type Given = Omit<CoinbaseSettings, "market" | "usdcProducts"> & {
  readonly products: readonly string[];
  readonly usdcProducts: readonly string[];
  readonly market: MarketGiven;
};

const LIMITS: Rules<Required<CoinbaseLimitOptions>> = {
  connects: number(8, 1),
  connectWindowMs: number(1_000),
  messages: number(8, 1),
  messageWindowMs: number(1_000),
  slackMs: number(0),
  level2Products: number(30),
  subscribeWithinMs: number(5_000, 1),
  idleMinMs: number(60_000, 1),
  idleMaxMs: number(90_000, 1),
  restRequests: whole(10, 1),
  restWindowMs: number(1_000, 1),
  restTrades: whole(1_000, 1),
  jwtLifetimeMs: number(120_000, 1),
  maxPendingBytes: number(64 * 1_048_576, 1),
  maxMessageBytes: number(1_048_576, 1),
};

const WIRE: Rules<CoinbaseSettings["wire"]> = {
  acks: choice("snapshot-first", "ack-first"),
  ackNames: choice("canonical", "requested"),
  clientId: optional(asFlag),
  counterAsText: flag(false),
  trailingEmptyBatch: flag(false),
  restSide: choice("taker", "maker"),
  unknownProducts: choice("refuse", "ignore"),
  snapshotOnResubscribe: flag(false),
  uniqueNonces: flag(true),
  closeOnTooManyLevel2: flag(false),
  closeCode: whole(1000, 1000, 4999),
};

const ACCOUNT: Rules<CoinbaseAccountOptions> = {
  keyName: optional(asText),
  algorithm: optional((option, value) => asChoice(option, value, ["ES256", "EdDSA"])),
  publicKey: optional(asText),
  orders: optional(asInteger),
};

const product: Rule<string> = (option, value) => asText(option, value).toUpperCase();

const OPTIONS: Rules<Given> & Readonly<Record<keyof CoinbaseSimOptions, unknown>> = {
  ...VENUE_RULES,
  products: list(["BTC-USD", "ETH-USD", "SOL-USD"], product),
  usdcProducts: list(["USDT-USDC", "EURC-USDC"], product),
  market: group(marketRules(100_000)),
  limits: group(LIMITS),
  wire: group(WIRE),
  accounts: list([{}], group(ACCOUNT)),
  requireJwt: flag(false),
  script: list([], scripted(parseCoinbaseFault, parseTarget)),
};

/**
 * Checks the options and fills in the defaults. Throws a {@link SimOptionError} for the first one
 * that cannot work.
 */
export function resolveCoinbaseOptions(options: CoinbaseSimOptions): CoinbaseSettings {
  const { products, market, ...rest } = resolve<Given>("options", options, OPTIONS);
  const usdcProducts = new Set(rest.usdcProducts);
  const ids = [...new Set(products.map((id) => canonicalProduct(id, usdcProducts)))];
  if (ids.length === 0) throw new SimOptionError("products", "expected at least one product");
  if (rest.limits.idleMinMs > rest.limits.idleMaxMs)
    throw new SimOptionError("limits.idleMaxMs", "must not be less than idleMinMs");
  const { seed, platform } = rest;
  const startTimeMs = startTime(market, platform);
  return {
    ...rest,
    usdcProducts,
    market: { ...market, startTimeMs, seed, symbols: ids.map(productSpec), stepsPerSecond: 10 },
  };
}

/** `BTC-USDC` is another name of `BTC-USD`, unless it is a product of its own (C-18). */
export function canonicalProduct(id: string, usdcProducts: ReadonlySet<string>): string {
  return id.endsWith("-USDC") && !usdcProducts.has(id) ? id.slice(0, -1) : id;
}
