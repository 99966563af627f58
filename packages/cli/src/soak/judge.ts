import type { FaultId } from "./fault.js";
import type { SoakRow } from "./row.js";

/** What the stack promises with its defaults, in milliseconds: `liveness.deadAfterMs`, plus one tick of whoever looks. */
const DEAD_AFTER_MS = 15_000;
const MUTE_MS = 15_000;
const BACK_MS = 10_000;
const GATE_ATTEMPTS = 20;
/** `buffer.maxBytes`, and twice as much again that the collector has not come to yet. */
const SLOW_GROWTH_BYTES = 3 * 64 * 1024 * 1024;

type Rule = readonly [wrong: (row: SoakRow) => boolean, fault: string];

const NOT_SEEN: Rule = [({ noticedMs }) => noticedMs === null, "not noticed"];
const NOT_BACK: Rule = [({ recoveredMs }) => recoveredMs === null, "does not come back"];
const SLOW: Rule = [
  ({ recoveredMs }) => recoveredMs !== null && recoveredMs > BACK_MS,
  `back after more than ${BACK_MS / 1000} s`,
];
const COMES_BACK: readonly Rule[] = [NOT_SEEN, NOT_BACK, SLOW];

const storm = (attempts: number): Rule => [(row) => row.attempts > attempts, `more than ${attempts} attempts`];

/** What is wrong with an answer to a fault, whoever gives it. */
const RULES: Readonly<Record<FaultId, readonly Rule[]>> = {
  "half-open": [
    NOT_SEEN,
    [({ noticedMs }) => noticedMs !== null && noticedMs > DEAD_AFTER_MS, `noticed after more than ${DEAD_AFTER_MS / 1000} s`],
    NOT_BACK,
  ],
  mute: [NOT_SEEN, [({ noticedMs }) => noticedMs !== null && noticedMs > MUTE_MS, `noticed after more than ${MUTE_MS / 1000} s`]],
  "refused-401": [NOT_SEEN, storm(GATE_ATTEMPTS)],
  "refused-429": [NOT_SEEN, storm(1)],
  "close-1000": [NOT_SEEN, storm(GATE_ATTEMPTS)],
  restart: COMES_BACK,
  provider: COMES_BACK,
  reset: COMES_BACK,
  "send-gap": [NOT_BACK],
  "slow-consumer": [
    [({ grownBytes }) => grownBytes > SLOW_GROWTH_BYTES, `grows by more than ${SLOW_GROWTH_BYTES / 2 ** 20} MiB`],
  ],
};

/** Holds of every fault. */
const ALWAYS: readonly Rule[] = [
  [({ announced }) => announced === false, "loses without a word"],
  [({ unhandled }) => unhandled.length > 0, "throws where nobody can catch it"],
];

/** Everything that is wrong with a row; empty when it is right in every column. */
export function faultsOf(row: SoakRow): string[] {
  if (row.unfit !== undefined) return [];
  return [...RULES[row.fault], ...ALWAYS].filter(([wrong]) => wrong(row)).map(([, fault]) => fault);
}
