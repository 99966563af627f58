import { asCloseReason, asInteger, asNumber, asText } from "../check.js";
import type { ScriptedFault } from "../faults/fault.js";
import { parseFault, parseTarget, scripted } from "../faults/parse-fault.js";
import type { MarketSettings } from "../market/market.js";
import type { SymbolSpec } from "../market/symbol-spec.js";
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
import { SeededRandom } from "../random.js";
import {
  type MarketGiven,
  marketRules,
  startTime,
  VENUE_RULES,
  isLoopback,
  type VenueSettings,
} from "../venue-options.js";
import { type AccountSettings, resolveAccounts } from "./api/resolve-accounts.js";
import { symbolSpec } from "./market/familiar-symbol.js";
import type {
  BanOptions,
  BinanceSimOptions,
  KeepaliveOptions,
  LifetimeOptions,
  LimitOptions,
  MarketOptions,
  RecordOptions,
  SbeOptions,
  ShutdownOptions,
} from "./options.js";

/** Options with every default filled in. */
export interface BinanceSettings extends Omit<VenueSettings, "seed"> {
  readonly market: MarketSettings;
  readonly archivedOrders: number;
  readonly keepalive: Required<KeepaliveOptions>;
  readonly limits: Required<Omit<LimitOptions, "silentMessageBytes">> & {
    readonly silentMessageBytes: number | undefined;
  };
  readonly bans: Required<BanOptions>;
  readonly lifetime: Required<LifetimeOptions>;
  readonly shutdown: Required<ShutdownOptions>;
  readonly accounts: readonly AccountSettings[];
  readonly errorForm: "documented" | "nested";
  readonly depthSnapshots: "boundary" | "mid-batch";
  readonly sbePort: number;
  readonly sbe: Required<SbeOptions>;
  readonly payloads: number;
  readonly script: readonly ScriptedFault[];
  readonly control: boolean;
}

/** The options as they are given, with defaults: symbols, market and record stand apart. */
type Given = Omit<BinanceSettings, "market" | "archivedOrders" | "payloads" | "accounts"> &
  VenueSettings & {
    readonly symbols: readonly SymbolSpec[];
    readonly accounts: unknown;
    readonly market: MarketGiven & Required<Pick<MarketOptions, "archivedOrders">>;
    readonly record: Required<RecordOptions>;
  };

/** Close codes that cannot be asked for; 1006 stands for "no close frame". */
const NOT_SENDABLE: readonly number[] = [1004, 1005, 1015];
/** Below this a book has no room to move. */
const MIN_PRICE_TICKS = 10;
const DEFAULT_SYMBOLS = ["BTCUSDT", "ETHUSDT", "BNBUSDT"] as const;

const KEEPALIVE: Rules<Required<KeepaliveOptions>> = {
  pingIntervalMs: number(20_000, 1),
  pongTimeoutMs: number(60_000, 1),
  validateStreamPongs: flag(false),
  validateApiPongs: flag(true),
  malformedPongCloseMs: number(20_000),
};

const LIMITS: Rules<BinanceSettings["limits"]> = {
  inboundFrames: whole(5, 1),
  inboundWindowMs: number(1_000),
  inboundSlackMs: number(0),
  maxStreams: whole(1_024, 1),
  connects: whole(300, 1),
  connectWindowMs: number(300_000),
  maxUrlLength: whole(8_000, 16, 1_000_000),
  maxMessageBytes: whole(1_048_576, 1),
  silentMessageBytes: optional(asInteger),
  requestWeight: whole(6_000, 1),
  weightWindowMs: number(60_000, 1),
  weightViolationsToBan: whole(10, 1),
  orders: whole(50, 1),
  ordersWindowMs: number(10_000, 1),
  activeSubscriptions: whole(1_000, 1),
  lifetimeSubscriptions: whole(65_535, 1),
  maxPendingBytes: whole(67_108_864, 1),
};

const BANS: Rules<Required<BanOptions>> = {
  afterViolations: whole(3, 1),
  windowMs: number(600_000),
  durationMs: number(120_000),
  maxDurationMs: number(259_200_000),
  status: whole(418, 400, 599),
};

/** How connections are ended, by age or with the server. */
const CLOSE: Rules<{ readonly closeCode: number; readonly closeReason: string }> = {
  closeCode: (option, value) => {
    const code = whole(1_001, 1_000, 4_999)(option, value);
    if (!NOT_SENDABLE.includes(code)) return code;
    throw new SimOptionError(option, `${code} cannot be sent in a close frame`);
  },
  closeReason: (option, value) => asCloseReason(option, value ?? ""),
};

const SBE: Rules<Required<SbeOptions>> = {
  priceExponent: whole(-8, -18, 0),
  quantityExponent: whole(-8, -18, 0),
  appendedBytes: whole(0, 0, 1_000),
};

const OPTIONS: Rules<Given> & Readonly<Record<keyof BinanceSimOptions, unknown>> = {
  ...VENUE_RULES,
  sbePort: VENUE_RULES.port,
  symbols: list(DEFAULT_SYMBOLS, resolveSymbol),
  market: group<Given["market"]>({
    ...marketRules(5_000),
    archivedOrders: whole(10_000, 1, 1_000_000),
  }),
  keepalive: group(KEEPALIVE),
  limits: group(LIMITS),
  bans: group(BANS),
  lifetime: group<Required<LifetimeOptions>>({ maxAgeMs: number(86_400_000, 1), ...CLOSE }),
  shutdown: group<Required<ShutdownOptions>>({ closeAfterMs: number(30_000), ...CLOSE }),
  accounts: (_option, value) => value,
  errorForm: choice("documented", "nested"),
  depthSnapshots: choice("boundary", "mid-batch"),
  sbe: group(SBE),
  record: group<Required<RecordOptions>>({ payloads: whole(0) }),
  script: list([], scripted(parseFault, parseTarget)),
  control: flag(false),
};

/**
 * Checks the options and fills in the defaults. Throws a {@link SimOptionError} for the first one
 * that cannot work.
 */
export function resolveBinanceOptions(options: BinanceSimOptions): BinanceSettings {
  const { seed, symbols, market, record, ...rest } = resolve<Given>("options", options, OPTIONS);
  if (rest.control && !isLoopback(rest.host)) {
    throw new SimOptionError(
      "control",
      `the control endpoint is served on loopback only, not on ${rest.host}`,
    );
  }
  if (symbols.length === 0) throw new SimOptionError("symbols", "expected at least one symbol");
  checkExponent("priceExponent", rest.sbe, Math.max(...symbols.map((s) => s.priceDecimals)));
  checkExponent("quantityExponent", rest.sbe, Math.max(...symbols.map((s) => s.quantityDecimals)));
  const { archivedOrders, ...pace } = market;
  return {
    ...rest,
    market: {
      ...pace,
      startTimeMs: startTime(market, rest.platform),
      seed,
      symbols,
      stepsPerSecond: 10,
    },
    archivedOrders,
    accounts: resolveAccounts(rest.accounts, new SeededRandom(seed).fork("account")),
    ...record,
  };
}

function checkExponent(
  key: "priceExponent" | "quantityExponent",
  sbe: Required<SbeOptions>,
  decimals: number,
): void {
  if (-sbe[key] < decimals)
    throw new SimOptionError(`sbe.${key}`, `expected at most -${decimals}, or digits are lost`);
}

const DECIMALS: Rule<number> = (option, value) => asInteger(option, value, { min: 0, max: 8 });
const SYMBOL: Rules<SymbolSpec> = {
  symbol: (option, value) => asText(option, value).toUpperCase(),
  base: asText,
  quote: asText,
  price: (option, value) => asNumber(option, value, { min: 1e-8, max: 1e9 }),
  priceDecimals: DECIMALS,
  quantityDecimals: DECIMALS,
};

/** A symbol by its name, or with all that there is to it. */
function resolveSymbol(option: string, entry: unknown): SymbolSpec {
  if (typeof entry === "string") return symbolSpec(asText(option, entry));
  const spec = resolve(option, entry, SYMBOL);
  const { price, priceDecimals } = spec;
  if (price * 10 ** priceDecimals < MIN_PRICE_TICKS) {
    throw new SimOptionError(
      `${option}.price`,
      `expected at least ${MIN_PRICE_TICKS} ticks of 10^-${priceDecimals}, got ${price}`,
    );
  }
  return spec;
}
