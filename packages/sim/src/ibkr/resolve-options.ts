import { createSecureContext } from "node:tls";
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
import { parseScriptedFault } from "../faults/parse-fault.js";
import { SimOptionError } from "../option-error.js";
import { parseIbkrFault, parseIbkrTarget } from "./ibkr-fault.js";
import type { IbkrMarketSettings } from "./market/market.js";
import type {
  IbkrAccountOptions,
  IbkrInstrument,
  IbkrLimitOptions,
  IbkrPace,
  IbkrRecordOptions,
  IbkrScriptedFault,
  IbkrSessionOptions,
  IbkrSimOptions,
  IbkrTlsOptions,
  IbkrWireOptions,
} from "./options.js";
import type { PacingSettings } from "./rest/pacing.js";

/** Options with every default filled in. */
export interface IbkrSettings {
  readonly host: string;
  readonly port: number;
  readonly seed: number;
  readonly timeScale: number;
  readonly clockSkewMs: number;
  readonly tls: IbkrTlsOptions | undefined;
  readonly market: IbkrMarketSettings;
  readonly session: Required<IbkrSessionOptions>;
  readonly pacing: PacingSettings;
  readonly limits: Required<IbkrLimitOptions>;
  readonly wire: Required<IbkrWireOptions>;
  readonly account: Required<IbkrAccountOptions>;
  readonly record: Required<IbkrRecordOptions>;
  readonly script: readonly IbkrScriptedFault[];
}

/** How an option is checked, and what it is without one. */
interface Rule<T> {
  readonly fallback: T;
  readonly check: (option: string, value: unknown) => T;
}

type Rules<T> = { readonly [K in keyof T]-?: Rule<Exclude<T[K], undefined>> };

const MOST = Number.MAX_SAFE_INTEGER;
const text = (fallback: string): Rule<string> => ({ fallback, check: asText });
const flag = (fallback: boolean): Rule<boolean> => ({ fallback, check: asFlag });
const whole = (fallback: number, min = 0, max = MOST): Rule<number> => ({
  fallback,
  check: (option, value) => asInteger(option, value, { min, max }),
});
const duration = (fallback: number, min = 0): Rule<number> => ({
  fallback,
  check: (option, value) => asNumber(option, value, { min, max: MOST }),
});
const choice = <const T extends string>(fallback: T, ...others: readonly T[]): Rule<T> => ({
  fallback,
  check: (option, value) => asChoice(option, value, [fallback, ...others]),
});

const SESSION: Rules<IbkrSessionOptions> = {
  loggedIn: flag(true),
  authenticated: flag(true),
  username: text("BASELINE_USER"),
  idleMs: duration(360_000, 1),
  idleEnds: choice<"brokerage" | "login">("brokerage", "login"),
  maxAgeMs: duration(86_400_000, 1),
  initMs: duration(200),
  oauthToken: text("sim-oauth-token"),
  sessionToken: text("sim-session-token"),
};

const LIMITS: Rules<IbkrLimitOptions> = {
  lines: whole(100, 1),
  histories: whole(5, 1),
  overLimit: choice<"ignore" | "error">("ignore", "error"),
  lineLifetimeMs: duration(600_000, 1),
  maxPendingBytes: whole(64 * 1_048_576, 1),
  maxMessageBytes: whole(1_048_576, 1),
};

const WIRE: Rules<IbkrWireOptions> = {
  opcode: choice<"text" | "binary" | "mixed">("binary", "text", "mixed"),
  answerPings: flag(true),
  heartbeatMs: duration(10_000, 1),
  ticReplies: whole(4, 0, 100),
  greetingGapMs: duration(30),
  snapshotDelayMs: duration(500),
  snapshots: whole(2, 1, 100),
  sessionText: choice<"accept" | "error">("accept", "error"),
  badSession: choice<"wait" | "close">("wait", "close"),
  loggedOut: choice<"refuse" | "wait">("refuse", "wait"),
  errors: choice<"bare" | "topic">("bare", "topic"),
  notifications: choice<"object" | "list">("object", "list"),
  lostStatus: choice<"partial" | "full">("partial", "full"),
  tradeRepeatMs: duration(220, 1),
  tradeRepeats: whole(20, 0, 100_000),
  orderSnapshot: flag(false),
  coldOrders: whole(1, 0, 1_000),
  orderQuestions: whole(1, 0, 10),
  settledOrders: flag(true),
  quantities: choice<"number" | "text">("number", "text"),
  bars: choice<"recorded" | "documented">("recorded", "documented"),
  summaryTopic: flag(false),
  pnlMs: duration(1_000, 1),
  summaryMs: duration(10_000, 1),
};

/** Documented paces of the paths that are served (I-15). */
const PACES: Readonly<Record<string, IbkrPace>> = {
  "/tickle": { requests: 1, windowMs: 1_000 },
  "/sso/validate": { requests: 1, windowMs: 60_000 },
  "/iserver/account/orders": { requests: 1, windowMs: 5_000 },
  "/iserver/account/trades": { requests: 1, windowMs: 5_000 },
};

const FAMILIAR: readonly IbkrInstrument[] = [
  { conid: 265_598, symbol: "AAPL", price: 271.5 },
  { conid: 8_314, symbol: "IBM", price: 243.2 },
];

/**
 * Checks the options and fills in the defaults. Throws a {@link SimOptionError} for the first one
 * that cannot work.
 */
export function resolveIbkrOptions(options: IbkrSimOptions): IbkrSettings {
  const known: ReadonlyArray<keyof IbkrSimOptions> = [
    "host",
    "port",
    "seed",
    "timeScale",
    "clockSkewMs",
    "tls",
    "market",
    "session",
    "pacing",
    "limits",
    "wire",
    "account",
    "record",
    "script",
  ];
  const given = asRecord("options", options, known);
  const skew: Bounds = { min: -1e12, max: 1e12 };
  return {
    host: orDefault(given["host"], "127.0.0.1", (value) => asText("host", value)),
    port: orDefault(given["port"], 0, (value) => asInteger("port", value, { min: 0, max: 65_535 })),
    seed: orDefault(given["seed"], 1, (value) => asInteger("seed", value, skew)),
    timeScale: orDefault(given["timeScale"], 1, (value) =>
      asNumber("timeScale", value, { min: 0.001, max: 1_000_000 }),
    ),
    clockSkewMs: orDefault(given["clockSkewMs"], 0, (value) =>
      asInteger("clockSkewMs", value, skew),
    ),
    tls: orDefault<IbkrTlsOptions | undefined>(given["tls"], undefined, resolveTls),
    market: resolveMarket(given["market"] ?? {}),
    session: resolveGroup("session", given["session"], SESSION),
    pacing: resolvePacing(given["pacing"] ?? {}),
    limits: resolveGroup("limits", given["limits"], LIMITS),
    wire: resolveGroup("wire", given["wire"], WIRE),
    account: resolveGroup<IbkrAccountOptions>("account", given["account"], {
      id: text("U00000000"),
    }),
    record: resolveGroup<IbkrRecordOptions>("record", given["record"], { frames: whole(0) }),
    script: asList("script", given["script"] ?? []).map((entry, at) => {
      const option = `script[${at}]`;
      const { when, fault, target } = parseScriptedFault(option, entry, parseIbkrFault);
      return { when, fault, target: parseIbkrTarget(`${option}.target`, target) };
    }),
  };
}

function resolveGroup<T extends object>(
  name: string,
  value: unknown,
  rules: Rules<T>,
): Required<T> {
  const from = asRecord(name, value ?? {}, Object.keys(rules));
  const entries = Object.entries<Rule<unknown>>(rules).map(([key, { fallback, check }]) => [
    key,
    orDefault(from[key], fallback, (each) => check(`${name}.${key}`, each)),
  ]);
  return Object.fromEntries(entries) as Required<T>;
}

function resolveTls(value: unknown): IbkrTlsOptions {
  const from = asRecord("tls", value, ["key", "cert"]);
  const tls = { key: asText("tls.key", from["key"]), cert: asText("tls.cert", from["cert"]) };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new SimOptionError("tls", `cannot be used: ${(error as Error).message}`);
  }
  return tls;
}

function resolveMarket(value: unknown): IbkrMarketSettings {
  const from = asRecord("market", value, ["auto", "stepMs", "instruments"]);
  const instruments = asList("market.instruments", from["instruments"] ?? FAMILIAR).map(
    (entry, at): IbkrInstrument => {
      const option = `market.instruments[${at}]`;
      const { conid, symbol, price } = asRecord(option, entry, ["conid", "symbol", "price"]);
      return {
        conid: asInteger(`${option}.conid`, conid, { min: 1, max: MOST }),
        symbol: asText(`${option}.symbol`, symbol),
        price: asNumber(`${option}.price`, price, { min: 0.1, max: 1e9 }),
      };
    },
  );
  if (new Set(instruments.map(({ conid }) => conid)).size < instruments.length) {
    throw new SimOptionError("market.instruments", "a conid is given twice");
  }
  return {
    auto: orDefault(from["auto"], true, (each) => asFlag("market.auto", each)),
    stepMs: orDefault(from["stepMs"], 250, (each) =>
      asNumber("market.stepMs", each, { min: 1, max: 60_000 }),
    ),
    instruments,
  };
}

function resolvePacing(value: unknown): PacingSettings {
  const from = asRecord("pacing", value, ["requests", "windowMs", "paths", "penaltyMs", "slackMs"]);
  const { paths: given = {}, ...rest } = from;
  if (typeof given !== "object" || given === null)
    throw new SimOptionError("pacing.paths", "expected an object");
  const paths = Object.entries(given).map(([path, pace]) => {
    const option = `pacing.paths.${path}`;
    const { requests, windowMs } = asRecord(option, pace, ["requests", "windowMs"]);
    if (!path.startsWith("/"))
      throw new SimOptionError(option, "expected a path that starts with /");
    const checked: IbkrPace = {
      requests: asInteger(`${option}.requests`, requests, { min: 1, max: MOST }),
      windowMs: asNumber(`${option}.windowMs`, windowMs),
    };
    return [path, checked] as const;
  });
  const group = resolveGroup<Omit<PacingSettings, "paths">>("pacing", rest, {
    requests: whole(10, 1),
    windowMs: duration(1_000),
    penaltyMs: duration(900_000),
    slackMs: duration(0),
  });
  return { ...group, paths: { ...PACES, ...Object.fromEntries(paths) } };
}

function asList(option: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new SimOptionError(option, "expected an array");
  return value;
}
