import {
  asChoice,
  asFlag,
  asInteger,
  asNumber,
  asRecord,
  asText,
  type Bounds,
  orDefault,
} from "../check.js";
import type { ScriptedFault } from "../faults/fault.js";
import { parseFault, parseScriptedFault } from "../faults/parse-fault.js";
import { SimOptionError } from "../option-error.js";
import { type AccountSettings, resolveAccounts } from "./api/resolve-accounts.js";
import type { MarketSettings } from "../market/market.js";
import type { SymbolSpec } from "../market/symbol-spec.js";
import { symbolSpec } from "./market/familiar-symbol.js";
import type {
  BanOptions,
  BinanceSimOptions,
  KeepaliveOptions,
  LifetimeOptions,
  LimitOptions,
  MarketOptions,
  SbeOptions,
  ShutdownOptions,
} from "./options.js";

/** Options with every default filled in. */
export interface BinanceSettings {
  readonly host: string;
  readonly port: number;
  readonly timeScale: number;
  readonly clockSkewMs: number;
  readonly market: MarketSettings;
  readonly auto: boolean;
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

const AT_LEAST_ONE: Bounds = { min: 1, max: Number.MAX_SAFE_INTEGER };
const PORT: Bounds = { min: 0, max: 65_535 };
const SCALE: Bounds = { min: 0.001, max: 1_000_000 };
const SIGNED: Bounds = { min: -1e12, max: 1e12 };
const STATUS: Bounds = { min: 400, max: 599 };
/** Close codes that may be asked for; 1006 stands for "no close frame". */
const CLOSE_CODE: Bounds = { min: 1000, max: 4999 };
const NOT_SENDABLE: readonly number[] = [1004, 1005, 1015];
/** Below this a book has no room to move. */
const MIN_PRICE_TICKS = 10;
const DEFAULT_SYMBOLS = ["BTCUSDT", "ETHUSDT", "BNBUSDT"] as const;

type Group = Readonly<Record<string, unknown>>;

/**
 * Checks the options and fills in the defaults. Throws a {@link SimOptionError} for the first one
 * that cannot work.
 */
export function resolveBinanceOptions(options: BinanceSimOptions): BinanceSettings {
  const given = asRecord("options", options, [
    "host",
    "port",
    "sbePort",
    "seed",
    "timeScale",
    "clockSkewMs",
    "symbols",
    "market",
    "keepalive",
    "limits",
    "bans",
    "lifetime",
    "shutdown",
    "accounts",
    "errorForm",
    "depthSnapshots",
    "sbe",
    "record",
    "script",
    "control",
  ]);
  const host = orDefault(given["host"], "127.0.0.1", (value) => asText("host", value));
  const control = orDefault(given["control"], false, (value) => asFlag("control", value));
  if (control && !isLoopback(host)) {
    throw new SimOptionError(
      "control",
      `the control endpoint is served on loopback only, not on ${host}`,
    );
  }
  const record = asRecord("record", given["record"] ?? {}, ["payloads"]);
  const market = resolveMarket(given);
  return {
    host,
    control,
    port: orDefault(given["port"], 0, (value) => asInteger("port", value, PORT)),
    sbePort: orDefault(given["sbePort"], 0, (value) => asInteger("sbePort", value, PORT)),
    sbe: resolveSbe(given["sbe"], market.settings.symbols),
    timeScale: orDefault(given["timeScale"], 1, (value) => asNumber("timeScale", value, SCALE)),
    clockSkewMs: orDefault(given["clockSkewMs"], 0, (value) =>
      asInteger("clockSkewMs", value, SIGNED),
    ),
    market: market.settings,
    auto: market.auto,
    archivedOrders: market.archivedOrders,
    keepalive: resolveKeepalive(given["keepalive"]),
    limits: resolveLimits(given["limits"]),
    bans: resolveBans(given["bans"]),
    lifetime: resolveEnd("lifetime", given["lifetime"], "maxAgeMs", 86_400_000, AT_LEAST_ONE),
    shutdown: resolveEnd("shutdown", given["shutdown"], "closeAfterMs", 30_000),
    accounts: resolveAccounts(given["accounts"]),
    errorForm: orDefault(given["errorForm"], "documented", (value) =>
      asChoice("errorForm", value, ["documented", "nested"]),
    ),
    depthSnapshots: orDefault(given["depthSnapshots"], "boundary", (value) =>
      asChoice("depthSnapshots", value, ["boundary", "mid-batch"]),
    ),
    payloads: orDefault(record["payloads"], 0, (value) => asInteger("record.payloads", value)),
    script: asList("script", given["script"]).map((entry, at) =>
      parseScriptedFault(`script[${at}]`, entry, parseFault),
    ),
  };
}

function asList(option: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new SimOptionError(option, "expected an array");
  return value;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function count(group: string, from: Group, key: string, fallback: number, bounds?: Bounds): number {
  return orDefault(from[key], fallback, (value) => asInteger(`${group}.${key}`, value, bounds));
}

function duration(
  group: string,
  from: Group,
  key: string,
  fallback: number,
  bounds?: Bounds,
): number {
  return orDefault(from[key], fallback, (value) => asNumber(`${group}.${key}`, value, bounds));
}

function resolveMarket(given: Group): {
  settings: MarketSettings;
  auto: boolean;
  archivedOrders: number;
} {
  const known: readonly (keyof MarketOptions)[] = [
    "auto",
    "stepMs",
    "startTimeMs",
    "levels",
    "changesPerStep",
    "ordersPerStep",
    "archivedOrders",
  ];
  const from = asRecord("market", given["market"] ?? {}, known);
  const symbols = asList("symbols", given["symbols"] ?? DEFAULT_SYMBOLS);
  if (symbols.length === 0) throw new SimOptionError("symbols", "expected at least one symbol");
  return {
    auto: orDefault(from["auto"], true, (value) => asFlag("market.auto", value)),
    archivedOrders: count("market", from, "archivedOrders", 10_000, { min: 1, max: 1_000_000 }),
    settings: {
      seed: orDefault(given["seed"], 1, (value) => asInteger("seed", value, SIGNED)),
      symbols: symbols.map((entry, at) => resolveSymbol(`symbols[${at}]`, entry)),
      stepMs: duration("market", from, "stepMs", 100, { min: 1, max: 60_000 }),
      startTimeMs: Math.floor(duration("market", from, "startTimeMs", Date.now())),
      levels: count("market", from, "levels", 50, { min: 5, max: 5_000 }),
      changesPerStep: count("market", from, "changesPerStep", 8, { min: 2, max: 10_000 }),
      ordersPerStep: duration("market", from, "ordersPerStep", 1, { min: 0, max: 10_000 }),
      stepsPerSecond: 10,
    },
  };
}

function resolveSymbol(option: string, entry: unknown): SymbolSpec {
  if (typeof entry === "string") return symbolSpec(asText(option, entry));
  const from = asRecord(option, entry, [
    "symbol",
    "base",
    "quote",
    "price",
    "priceDecimals",
    "quantityDecimals",
  ]);
  const decimals: Bounds = { min: 0, max: 8 };
  const price = asNumber(`${option}.price`, from["price"], { min: 1e-8, max: 1e9 });
  const priceDecimals = asInteger(`${option}.priceDecimals`, from["priceDecimals"], decimals);
  if (price * 10 ** priceDecimals < MIN_PRICE_TICKS) {
    throw new SimOptionError(
      `${option}.price`,
      `expected at least ${MIN_PRICE_TICKS} ticks of 10^-${priceDecimals}, got ${price}`,
    );
  }
  return {
    symbol: asText(`${option}.symbol`, from["symbol"]).toUpperCase(),
    base: asText(`${option}.base`, from["base"]),
    quote: asText(`${option}.quote`, from["quote"]),
    price,
    priceDecimals,
    quantityDecimals: asInteger(`${option}.quantityDecimals`, from["quantityDecimals"], decimals),
  };
}

function resolveSbe(value: unknown, symbols: readonly SymbolSpec[]): Required<SbeOptions> {
  const from = asRecord("sbe", value ?? {}, ["priceExponent", "quantityExponent", "appendedBytes"]);
  const exponent = (key: "priceExponent" | "quantityExponent", decimals: number): number => {
    const given = count("sbe", from, key, -8, { min: -18, max: 0 });
    if (-given >= decimals) return given;
    throw new SimOptionError(`sbe.${key}`, `expected at most -${decimals}, or digits are lost`);
  };
  return {
    priceExponent: exponent("priceExponent", Math.max(...symbols.map((s) => s.priceDecimals))),
    quantityExponent: exponent(
      "quantityExponent",
      Math.max(...symbols.map((s) => s.quantityDecimals)),
    ),
    appendedBytes: count("sbe", from, "appendedBytes", 0, { min: 0, max: 1_000 }),
  };
}

function resolveKeepalive(value: unknown): Required<KeepaliveOptions> {
  const group = "keepalive";
  const from = asRecord(group, value ?? {}, [
    "pingIntervalMs",
    "pongTimeoutMs",
    "validateStreamPongs",
    "validateApiPongs",
    "malformedPongCloseMs",
  ]);
  return {
    pingIntervalMs: duration(group, from, "pingIntervalMs", 20_000, AT_LEAST_ONE),
    pongTimeoutMs: duration(group, from, "pongTimeoutMs", 60_000, AT_LEAST_ONE),
    validateStreamPongs: orDefault(from["validateStreamPongs"], false, (flag) =>
      asFlag("keepalive.validateStreamPongs", flag),
    ),
    validateApiPongs: orDefault(from["validateApiPongs"], true, (flag) =>
      asFlag("keepalive.validateApiPongs", flag),
    ),
    malformedPongCloseMs: duration(group, from, "malformedPongCloseMs", 20_000),
  };
}

function resolveLimits(value: unknown): BinanceSettings["limits"] {
  const group = "limits";
  const from = asRecord(group, value ?? {}, [
    "inboundFrames",
    "inboundWindowMs",
    "inboundSlackMs",
    "maxStreams",
    "connects",
    "connectWindowMs",
    "maxUrlLength",
    "maxMessageBytes",
    "silentMessageBytes",
    "requestWeight",
    "weightWindowMs",
    "weightViolationsToBan",
    "orders",
    "ordersWindowMs",
    "activeSubscriptions",
    "lifetimeSubscriptions",
    "maxPendingBytes",
  ]);
  const silent = from["silentMessageBytes"];
  return {
    inboundFrames: count(group, from, "inboundFrames", 5, AT_LEAST_ONE),
    inboundWindowMs: duration(group, from, "inboundWindowMs", 1_000),
    inboundSlackMs: duration(group, from, "inboundSlackMs", 0),
    maxStreams: count(group, from, "maxStreams", 1_024, AT_LEAST_ONE),
    connects: count(group, from, "connects", 300, AT_LEAST_ONE),
    connectWindowMs: duration(group, from, "connectWindowMs", 300_000),
    maxUrlLength: count(group, from, "maxUrlLength", 8_000, { min: 16, max: 1_000_000 }),
    maxMessageBytes: count(group, from, "maxMessageBytes", 1_048_576, AT_LEAST_ONE),
    silentMessageBytes:
      silent === undefined ? undefined : asInteger("limits.silentMessageBytes", silent),
    requestWeight: count(group, from, "requestWeight", 6_000, AT_LEAST_ONE),
    weightWindowMs: duration(group, from, "weightWindowMs", 60_000, AT_LEAST_ONE),
    weightViolationsToBan: count(group, from, "weightViolationsToBan", 10, AT_LEAST_ONE),
    orders: count(group, from, "orders", 50, AT_LEAST_ONE),
    ordersWindowMs: duration(group, from, "ordersWindowMs", 10_000, AT_LEAST_ONE),
    activeSubscriptions: count(group, from, "activeSubscriptions", 1_000, AT_LEAST_ONE),
    lifetimeSubscriptions: count(group, from, "lifetimeSubscriptions", 65_535, AT_LEAST_ONE),
    maxPendingBytes: count(group, from, "maxPendingBytes", 67_108_864, AT_LEAST_ONE),
  };
}

function resolveBans(value: unknown): Required<BanOptions> {
  const group = "bans";
  const from = asRecord(group, value ?? {}, [
    "afterViolations",
    "windowMs",
    "durationMs",
    "maxDurationMs",
    "status",
  ]);
  return {
    afterViolations: count(group, from, "afterViolations", 3, AT_LEAST_ONE),
    windowMs: duration(group, from, "windowMs", 600_000),
    durationMs: duration(group, from, "durationMs", 120_000),
    maxDurationMs: duration(group, from, "maxDurationMs", 259_200_000),
    status: count(group, from, "status", 418, STATUS),
  };
}

/**
 * The two groups that say when and how connections are ended share their shape, but for the name of
 * the time.
 */
function resolveEnd<K extends string>(
  group: string,
  value: unknown,
  timeKey: K,
  fallback: number,
  bounds?: Bounds,
): Record<K, number> & { closeCode: number; closeReason: string } {
  const from = asRecord(group, value ?? {}, [timeKey, "closeCode", "closeReason"]);
  const closeCode = count(group, from, "closeCode", 1_001, CLOSE_CODE);
  if (NOT_SENDABLE.includes(closeCode)) {
    throw new SimOptionError(`${group}.closeCode`, `${closeCode} cannot be sent in a close frame`);
  }
  const closeReason = from["closeReason"] ?? "";
  if (typeof closeReason !== "string" || Buffer.byteLength(closeReason) > 123) {
    throw new SimOptionError(`${group}.closeReason`, "expected a string of at most 123 bytes");
  }
  const time = { [timeKey]: duration(group, from, timeKey, fallback, bounds) } as Record<K, number>;
  return { ...time, closeCode, closeReason };
}
