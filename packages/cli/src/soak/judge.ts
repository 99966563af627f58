import { resolveConfig } from "@oath-ws/resilience";
import type { FaultId } from "./fault.js";
import { LATE_MS } from "./row.js";
import type { DrivenRow, SoakRow } from "./row.js";

/** Our clients, by name: they are held to what the stack promises with its defaults. */
export const OUR_CLIENTS: readonly string[] = ["oath-ws", "oath-ws-over-ws", "oath-ws-binance"];

const { liveness, attempts: gate, buffer, backoff } = resolveConfig({});
/** Of our defaults, which judge silence. */
const DEAD_AFTER_MS = liveness === false ? Number.POSITIVE_INFINITY : liveness.deadAfterMs;
/** What the watchdogs of our drivers are set to, and a turn of theirs. */
const MUTE_MS = 15_000;
/**
 * From a server that is there again to a frame: after an outage of six seconds the backoff has
 * grown to eight at most.
 */
const BACK_MS = 10_000;
/**
 * Three times the receive buffer: what it holds, and twice as much again that the collector has not
 * come to yet.
 */
const SLOW_GROWTH_BYTES = 3 * buffer.maxBytes;

/** What is wrong, if it is. */
type Rule = (row: DrivenRow) => string | false;

const seen: Rule = ({ noticedMs, watchedMs }) =>
  noticedMs === null && `not noticed in ${seconds(watchedMs)}`;
const back: Rule = ({ recoveredMs, gaveUp, watchedMs }) =>
  recoveredMs === null && (gaveUp ? "gives up" : `not back in ${seconds(watchedMs)}`);
/** Who has not noticed is not back either, and once is enough. */
const seenAndBack: Rule = (row) => seen(row) || back(row);
const seenWithin =
  (ms: number): Rule =>
  ({ noticedMs }) =>
    noticedMs !== null && noticedMs > ms && `noticed after ${seconds(noticedMs)}`;
const backWithin =
  (ms: number): Rule =>
  ({ recoveredMs }) =>
    recoveredMs !== null && recoveredMs > ms && `back after ${seconds(recoveredMs)}`;
const notMore =
  (attempts: number): Rule =>
  (row) =>
    row.attempts > attempts && `${row.attempts} attempts in ${seconds(row.watchedMs)}`;
const whole: Rule = ({ lost }) => lost > 0 && `loses ${lost}`;
const BROKEN: readonly Rule[] = [seenAndBack, backWithin(BACK_MS)];
const SILENT: readonly Rule[] = [seenAndBack];

/** Holds of any client. */
const RULES: Readonly<Record<FaultId, readonly Rule[]>> = {
  "half-open": SILENT,
  cut: SILENT,
  mute: SILENT,
  reset: BROKEN,
  restart: BROKEN,
  provider: BROKEN,
  "refused-401": [seen, ({ refused }) => refused === 0 && "does not try again", notMore(gate.max)],
  "refused-429": [
    ({ refused }) => refused > 1 && `asks ${refused} times where one is allowed`,
    ...BROKEN,
  ],
  "close-1000": [notMore(gate.max), seenAndBack, backWithin(backoff.maxMs + BACK_MS)],
  "send-gap": [
    back,
    ({ late }) =>
      late.texts > 0 && `sends ${late.texts} texts late, by up to ${seconds(late.oldestMs)}`,
  ],
  burst: [back, whole],
  renewal: [back, whole],
  "renewed-reset": BROKEN,
  "slow-consumer": [
    back,
    ({ grownBytes }) =>
      grownBytes > SLOW_GROWTH_BYTES && `grows by more than ${SLOW_GROWTH_BYTES / 2 ** 20} MiB`,
    ({ announced, counted, lost }) =>
      announced === true && counted !== null && counted < lost && `counts ${counted} of ${lost}`,
  ],
};

/** Holds of every fault. */
const ALWAYS: readonly Rule[] = [
  ({ announced }) => announced === false && "loses without a word",
  ({ repeated }) => repeated > 0 && `delivers ${repeated} twice`,
  ({ ended }) => ended ?? false,
  ({ unhandled }) => unhandled.length > 0 && "throws where no caller can catch it",
];

/**
 * Holds of ours besides: how soon a silence is noticed is a setting, and others have chosen theirs.
 */
const OURS: Readonly<Partial<Record<FaultId, readonly Rule[]>>> = {
  "half-open": [seenWithin(DEAD_AFTER_MS), backWithin(DEAD_AFTER_MS + BACK_MS)],
  cut: [seenWithin(DEAD_AFTER_MS), backWithin(DEAD_AFTER_MS + BACK_MS)],
  mute: [seenWithin(MUTE_MS)],
};

/**
 * Everything that is wrong with a row; empty when it is right in every column, and for one that was
 * not driven.
 */
export function faultsOf(row: SoakRow): string[] {
  if (row.kind !== "driven") return [];
  const ours = OUR_CLIENTS.includes(row.name) ? (OURS[row.fault] ?? []) : [];
  return [...RULES[row.fault], ...ALWAYS, ...ours]
    .map((rule) => rule(row))
    .filter((fault) => fault !== false);
}

/** The bounds of the rules, for the reader of a table. */
export const BOUNDS: Readonly<
  Record<"attempts" | "backMs" | "cappedMs" | "growthBytes" | "lateMs" | "ourSilentMs", number>
> = {
  ourSilentMs: DEAD_AFTER_MS,
  backMs: BACK_MS,
  cappedMs: backoff.maxMs + BACK_MS,
  attempts: gate.max,
  lateMs: LATE_MS,
  growthBytes: SLOW_GROWTH_BYTES,
};

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
