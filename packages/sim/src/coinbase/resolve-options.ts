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
import type { MarketSettings } from "../market/market.js";
import type { ScriptedFault } from "../faults/fault.js";
import { parseFault, parseScriptedFault } from "../faults/parse-fault.js";
import { SimOptionError } from "../option-error.js";
import { productSpec } from "./market/product-spec.js";
import type {
  CoinbaseAccountOptions,
  CoinbaseLimitOptions,
  CoinbaseSimOptions,
  CoinbaseWireOptions,
} from "./options.js";

/** Options with every default filled in. */
export interface CoinbaseSettings {
  readonly host: string;
  readonly port: number;
  readonly seed: number;
  readonly timeScale: number;
  readonly clockSkewMs: number;
  readonly usdcProducts: ReadonlySet<string>;
  readonly market: MarketSettings;
  readonly auto: boolean;
  readonly limits: Required<CoinbaseLimitOptions>;
  readonly wire: Required<Omit<CoinbaseWireOptions, "clientId">> & {
    readonly clientId: boolean | undefined;
  };
  readonly accounts: readonly CoinbaseAccountOptions[];
  readonly requireJwt: boolean;
  readonly script: readonly ScriptedFault[];
}

const ONE_UP: Bounds = { min: 1, max: Number.MAX_SAFE_INTEGER };
const SIGNED: Bounds = { min: -1e12, max: 1e12 };
const LIMITS: Readonly<
  Record<keyof CoinbaseLimitOptions, readonly [fallback: number, bounds?: Bounds]>
> = {
  connects: [8, ONE_UP],
  connectWindowMs: [1_000],
  messages: [8, ONE_UP],
  messageWindowMs: [1_000],
  slackMs: [0],
  level2Products: [30],
  subscribeWithinMs: [5_000, ONE_UP],
  idleMinMs: [60_000, ONE_UP],
  idleMaxMs: [90_000, ONE_UP],
  jwtLifetimeMs: [120_000, ONE_UP],
  maxPendingBytes: [64 * 1_048_576, ONE_UP],
  maxMessageBytes: [1_048_576, ONE_UP],
};

type Group = Readonly<Record<string, unknown>>;

/**
 * Checks the options and fills in the defaults. Throws a {@link SimOptionError} for the first one
 * that cannot work.
 */
export function resolveCoinbaseOptions(options: CoinbaseSimOptions): CoinbaseSettings {
  const known: readonly (keyof CoinbaseSimOptions)[] = [
    "host",
    "port",
    "seed",
    "timeScale",
    "clockSkewMs",
    "products",
    "usdcProducts",
    "market",
    "limits",
    "wire",
    "accounts",
    "requireJwt",
    "script",
  ];
  const given = asRecord("options", options, known);
  const seed = orDefault(given["seed"], 1, (value) => asInteger("seed", value, SIGNED));
  const usdcProducts = new Set(
    texts("usdcProducts", given["usdcProducts"] ?? ["USDT-USDC", "EURC-USDC"]),
  );
  const market = resolveMarket(given, seed, usdcProducts);
  return {
    host: orDefault(given["host"], "127.0.0.1", (value) => asText("host", value)),
    port: orDefault(given["port"], 0, (value) => asInteger("port", value, { min: 0, max: 65_535 })),
    seed,
    timeScale: orDefault(given["timeScale"], 1, (value) =>
      asNumber("timeScale", value, { min: 0.001, max: 1_000_000 }),
    ),
    clockSkewMs: orDefault(given["clockSkewMs"], 0, (value) =>
      asInteger("clockSkewMs", value, SIGNED),
    ),
    usdcProducts,
    market: market.settings,
    auto: market.auto,
    limits: resolveLimits(given["limits"]),
    wire: resolveWire(given["wire"]),
    accounts: asList("accounts", given["accounts"] ?? [{}]).map((entry, at) =>
      resolveAccount(`accounts[${at}]`, entry),
    ),
    requireJwt: orDefault(given["requireJwt"], false, (value) => asFlag("requireJwt", value)),
    script: asList("script", given["script"] ?? []).map((entry, at) =>
      parseScriptedFault(`script[${at}]`, entry, parseFault),
    ),
  };
}

function asList(option: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new SimOptionError(option, "expected an array");
  return value;
}

function texts(option: string, value: unknown): readonly string[] {
  return asList(option, value).map((entry, at) => asText(`${option}[${at}]`, entry).toUpperCase());
}

/** `BTC-USDC` is another name of `BTC-USD`, unless it is a product of its own (C-18). */
export function canonicalProduct(id: string, usdcProducts: ReadonlySet<string>): string {
  return id.endsWith("-USDC") && !usdcProducts.has(id) ? id.slice(0, -1) : id;
}

function resolveMarket(
  given: Group,
  seed: number,
  usdcProducts: ReadonlySet<string>,
): { readonly settings: MarketSettings; readonly auto: boolean } {
  const keys = ["auto", "stepMs", "startTimeMs", "levels", "changesPerStep", "ordersPerStep"];
  const from = asRecord("market", given["market"] ?? {}, keys);
  const number = (key: string, fallback: number, bounds: Bounds): number =>
    orDefault(from[key], fallback, (value) => asNumber(`market.${key}`, value, bounds));
  const whole = (key: string, fallback: number, bounds: Bounds): number =>
    orDefault(from[key], fallback, (value) => asInteger(`market.${key}`, value, bounds));
  const named = texts("products", given["products"] ?? ["BTC-USD", "ETH-USD", "SOL-USD"]);
  const products = [...new Set(named.map((id) => canonicalProduct(id, usdcProducts)))];
  if (products.length === 0) throw new SimOptionError("products", "expected at least one product");
  return {
    auto: orDefault(from["auto"], true, (value) => asFlag("market.auto", value)),
    settings: {
      seed,
      symbols: products.map(productSpec),
      stepMs: number("stepMs", 100, { min: 1, max: 60_000 }),
      startTimeMs: Math.floor(number("startTimeMs", Date.now(), { min: 0, max: 1e14 })),
      levels: whole("levels", 50, { min: 5, max: 100_000 }),
      changesPerStep: whole("changesPerStep", 8, { min: 2, max: 10_000 }),
      ordersPerStep: number("ordersPerStep", 1, { min: 0, max: 10_000 }),
      stepsPerSecond: 10,
    },
  };
}

function resolveLimits(value: unknown): Required<CoinbaseLimitOptions> {
  const from = asRecord("limits", value ?? {}, Object.keys(LIMITS));
  const entries = Object.entries(LIMITS).map(([key, [fallback, bounds]]) => [
    key,
    orDefault(from[key], fallback, (each) => asNumber(`limits.${key}`, each, bounds)),
  ]);
  const limits = Object.fromEntries(entries) as Required<CoinbaseLimitOptions>;
  if (limits.idleMinMs > limits.idleMaxMs)
    throw new SimOptionError("limits.idleMaxMs", "must not be less than idleMinMs");
  return limits;
}

function resolveWire(value: unknown): CoinbaseSettings["wire"] {
  const from = asRecord("wire", value ?? {}, [
    "acks",
    "ackNames",
    "clientId",
    "counterAsText",
    "trailingEmptyBatch",
    "unknownProducts",
    "snapshotOnResubscribe",
    "uniqueNonces",
    "closeOnTooManyLevel2",
    "closeCode",
  ]);
  const flag = (key: string, fallback = false): boolean =>
    orDefault(from[key], fallback, (each) => asFlag(`wire.${key}`, each));
  return {
    acks: orDefault(from["acks"], "snapshot-first", (each) =>
      asChoice("wire.acks", each, ["snapshot-first", "ack-first"]),
    ),
    ackNames: orDefault(from["ackNames"], "canonical", (each) =>
      asChoice("wire.ackNames", each, ["canonical", "requested"]),
    ),
    clientId:
      from["clientId"] === undefined ? undefined : asFlag("wire.clientId", from["clientId"]),
    counterAsText: flag("counterAsText"),
    trailingEmptyBatch: flag("trailingEmptyBatch"),
    unknownProducts: orDefault(from["unknownProducts"], "refuse", (each) =>
      asChoice("wire.unknownProducts", each, ["refuse", "ignore"]),
    ),
    snapshotOnResubscribe: flag("snapshotOnResubscribe"),
    uniqueNonces: flag("uniqueNonces", true),
    closeOnTooManyLevel2: flag("closeOnTooManyLevel2"),
    closeCode: orDefault(from["closeCode"], 1000, (each) =>
      asInteger("wire.closeCode", each, { min: 1000, max: 4999 }),
    ),
  };
}

function resolveAccount(option: string, value: unknown): CoinbaseAccountOptions {
  const from = asRecord(option, value, ["keyName", "algorithm", "publicKey", "orders"]);
  if (from["keyName"] !== undefined) asText(`${option}.keyName`, from["keyName"]);
  if (from["algorithm"] !== undefined)
    asChoice(`${option}.algorithm`, from["algorithm"], ["ES256", "EdDSA"]);
  if (from["publicKey"] !== undefined) asText(`${option}.publicKey`, from["publicKey"]);
  if (from["orders"] !== undefined) asInteger(`${option}.orders`, from["orders"]);
  return from;
}
