import { TABLES } from "@oath-ws/resilience";
import type { Outcome, Simulation } from "../core/plan.js";
import {
  AUTH_FAULTS,
  CLIENT_FAULTS,
  clientPlan,
  DIAL_FAULTS,
  OTHER_FAULTS,
  SOCKET_FAULTS,
  SOURCE_FAULTS,
} from "./client-generator.js";
import type { ClientAction, ClientPlan, ClientSetup } from "./client-plan.js";
import { playSegments } from "./client-segments.js";
import { ABORTED } from "./send-ledger.js";

const LIVE = ["connecting", "connected", "stale", "reconnecting", "resumed"];
const UP = ["connected", "stale", "resumed"];
const DOWN = ["connecting", "reconnecting"];

/** The ways in which a send ends. */
const FATES = [
  "plain sent",
  "plain NOT_CONNECTED",
  "plain EPOCH_ENDED",
  "plain SEND_FATE_UNKNOWN",
  "plain SEND_QUEUE_FULL",
  "plain FRAME_TOO_BIG",
  "plain SHUT_DOWN",
  "waiting sent",
  "waiting SEND_DEADLINE",
  "waiting SEND_FATE_UNKNOWN",
  "deadline SEND_DEADLINE",
  "pinned EPOCH_ENDED",
  "pinnedNext EPOCH_ENDED",
  `aborted ${ABORTED}`,
];

function cells(): readonly string[] {
  return Object.entries(TABLES).flatMap(([table, rows]) =>
    Object.entries(rows).flatMap(([state, row]) =>
      Object.keys(row).map((input) => `${table} ${state} ${input}`),
    ),
  );
}

function faultsIn(kinds: readonly string[], phases: readonly string[]): readonly string[] {
  return kinds.flatMap((kind) => phases.map((phase) => `fault ${kind} while ${phase}`));
}

const SITUATIONS = [
  ...cells(),
  ...faultsIn(SOCKET_FAULTS, UP),
  ...faultsIn([...DIAL_FAULTS, ...AUTH_FAULTS, ...SOURCE_FAULTS], DOWN),
  ...faultsIn(OTHER_FAULTS, LIVE),
  ...["gate", "retryAfter", "backoff"].map((wait) => `waits for ${wait}`),
  ...[50, 1_000, 5_000, 30_000].map((age) => `fresh within ${age}`),
  ...FATES.map((fate) => `send ${fate}`),
  "lag",
  "starved by pings",
  "two sockets while connected",
  "two sockets while resumed",
];

const STATES = Object.keys(TABLES.supervisor);

const IMPOSSIBLE: ReadonlyMap<string, string> = new Map([
  ...STATES.map(
    (state) =>
      [
        `supervisor ${state} crash`,
        "only an error of our own raises it, and a run in which one occurs has failed",
      ] as const,
  ),
  ["supervisor idle granted", "no ticket is taken before the start"],
  ["supervisor idle force", "the start is told before anyone has the connection"],
  ["supervisor idle shutdown", "the start is told before anyone has the connection"],
  ["supervisor up alive", "it is told to a silent state alone"],
  ["supervisor reserving alive", "it is told to a silent state alone"],
  ["supervisor closing shutdown", "a second call gets the promise of the first, and tells nothing"],
  ["supervisor closed shutdown", "a second call gets the promise of the first, and tells nothing"],
]);

/** The transport half: the stack, over the direct transport, against scripted servers. */
export const clientSimulation: Simulation<ClientSetup, ClientAction> = {
  half: "client",
  faults: CLIENT_FAULTS,
  plan: clientPlan,
  run: (plan: ClientPlan): Promise<Outcome> => playSegments(plan),
  situations: SITUATIONS,
  impossible: IMPOSSIBLE,
};
