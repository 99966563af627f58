import { asInteger, asNumber, asText } from "../check.js";
import { scripted } from "../faults/parse-fault.js";
import {
  choice,
  flag,
  group,
  list,
  number,
  resolve,
  type Rules,
  text,
  whole,
} from "../option-rules.js";
import { SimOptionError } from "../option-error.js";
import { VENUE_RULES, type VenueSettings } from "../venue-options.js";
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
  IbkrWireOptions,
} from "./options.js";
import type { PacingSettings } from "./rest/pacing.js";

/** Options with every default filled in. */
export interface IbkrSettings extends VenueSettings {
  readonly market: IbkrMarketSettings;
  readonly session: Required<IbkrSessionOptions>;
  readonly pacing: PacingSettings;
  readonly limits: Required<IbkrLimitOptions>;
  readonly wire: Required<IbkrWireOptions>;
  readonly account: Required<IbkrAccountOptions>;
  readonly record: Required<IbkrRecordOptions>;
  readonly script: readonly IbkrScriptedFault[];
}

const SESSION: Rules<Required<IbkrSessionOptions>> = {
  loggedIn: flag(true),
  authenticated: flag(true),
  username: text("BASELINE_USER"),
  idleMs: number(360_000, 1),
  idleEnds: choice("brokerage", "login"),
  maxAgeMs: number(86_400_000, 1),
  initMs: number(200),
  oauthToken: text("sim-oauth-token"),
  sessionToken: text("sim-session-token"),
};

const LIMITS: Rules<Required<IbkrLimitOptions>> = {
  lines: whole(100, 1),
  histories: whole(5, 1),
  overLimit: choice("ignore", "error"),
  lineLifetimeMs: number(600_000, 1),
  maxPendingBytes: whole(64 * 1_048_576, 1),
  maxMessageBytes: whole(1_048_576, 1),
};

const WIRE: Rules<Required<IbkrWireOptions>> = {
  opcode: choice("binary", "text", "mixed"),
  answerPings: flag(true),
  heartbeatMs: number(10_000, 1),
  ticReplies: whole(4, 0, 100),
  greetingGapMs: number(30),
  snapshotDelayMs: number(500),
  snapshots: whole(2, 1, 100),
  sessionText: choice("accept", "error"),
  badSession: choice("wait", "close"),
  loggedOut: choice("refuse", "wait"),
  errors: choice("bare", "topic"),
  notifications: choice("object", "list"),
  lostStatus: choice("partial", "full"),
  tradeRepeatMs: number(220, 1),
  tradeRepeats: whole(20, 0, 100_000),
  orderSnapshot: flag(false),
  coldOrders: whole(1, 0, 1_000),
  orderQuestions: whole(1, 0, 10),
  settledOrders: flag(true),
  quantities: choice("number", "text"),
  bars: choice("recorded", "documented"),
  summaryTopic: flag(false),
  pnlMs: number(1_000, 1),
  summaryMs: number(10_000, 1),
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

const PACE: Rules<IbkrPace> = {
  requests: (option, value) => asInteger(option, value, { min: 1, max: Number.MAX_SAFE_INTEGER }),
  windowMs: asNumber,
};

const PACING: Rules<PacingSettings> = {
  requests: whole(10, 1),
  windowMs: number(1_000),
  paths: resolvePaths,
  penaltyMs: number(900_000),
  slackMs: number(0),
};

const INSTRUMENT: Rules<IbkrInstrument> = {
  conid: (option, value) => asInteger(option, value, { min: 1, max: Number.MAX_SAFE_INTEGER }),
  symbol: asText,
  price: (option, value) => asNumber(option, value, { min: 0.1, max: 1e9 }),
};

const MARKET: Rules<IbkrMarketSettings> = {
  auto: flag(true),
  stepMs: number(250, 1, 60_000),
  instruments: resolveInstruments,
};

const OPTIONS: Rules<IbkrSettings> & Readonly<Record<keyof IbkrSimOptions, unknown>> = {
  ...VENUE_RULES,
  market: group(MARKET),
  session: group(SESSION),
  pacing: group(PACING),
  limits: group(LIMITS),
  wire: group(WIRE),
  account: group<Required<IbkrAccountOptions>>({ id: text("U00000000") }),
  record: group<Required<IbkrRecordOptions>>({ frames: whole(0) }),
  script: list([], scripted(parseIbkrFault, parseIbkrTarget)),
};

/**
 * Checks the options and fills in the defaults. Throws a {@link SimOptionError} for the first one
 * that cannot work.
 */
export function resolveIbkrOptions(options: IbkrSimOptions): IbkrSettings {
  const settings = resolve<IbkrSettings>("options", options, OPTIONS);
  if (settings.tls !== undefined && settings.platform.listen !== undefined)
    throw new SimOptionError("tls", "cannot be used beside platform.listen");
  return settings;
}

function resolveInstruments(option: string, value: unknown): readonly IbkrInstrument[] {
  const instruments = list(FAMILIAR, group(INSTRUMENT))(option, value);
  if (new Set(instruments.map(({ conid }) => conid)).size < instruments.length)
    throw new SimOptionError(option, "a conid is given twice");
  return instruments;
}

function resolvePaths(option: string, value: unknown = {}): PacingSettings["paths"] {
  if (typeof value !== "object" || value === null)
    throw new SimOptionError(option, "expected an object");
  const paths = Object.entries(value).map(([path, pace]) => {
    if (!path.startsWith("/"))
      throw new SimOptionError(`${option}.${path}`, "expected a path that starts with /");
    return [path, resolve(`${option}.${path}`, pace, PACE)] as const;
  });
  return { ...PACES, ...Object.fromEntries(paths) };
}
