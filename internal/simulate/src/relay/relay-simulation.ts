import { FOLLOWER_TABLE, OWNER_TABLE } from "@oath-ws/relay";
import { playOut } from "../core/play-out.js";
import type { Outcome, Simulation } from "../core/plan.js";
import { FRAMES_IN_NEW_EPOCH } from "./frame-account.js";
import { RELAY_FAULTS, relayPlan } from "./relay-generator.js";
import type { RelayAction, RelayPlan, RelaySetup } from "./relay-plan.js";
import { RelayRun } from "./relay-run.js";

const MOODS = ["one owns", "none owns"];

const CELLS = (
  [
    ["owner", OWNER_TABLE],
    ["follower", FOLLOWER_TABLE],
  ] as const
).flatMap(([name, table]) =>
  Object.entries(table).flatMap(([state, row]) =>
    Object.keys(row).map((input) => `${name} ${state} ${input}`),
  ),
);

export const relaySimulation: Simulation<RelaySetup, RelayAction> = {
  half: "relay",
  faults: RELAY_FAULTS,
  plan: relayPlan,
  run: (plan: RelayPlan): Promise<Outcome> => playOut(new RelayRun(plan)),
  situations: [
    ...CELLS,
    ...RELAY_FAULTS.flatMap((kind) => MOODS.map((mood) => `fault ${kind} while ${mood}`)),
    ...["catchingUp", "live", "silent"].map((mode) => `a reader is ${mode}`),
    ...["relay", "reconnect", "restart"].map((reason) => `gap ${reason}`),
    ...["subscribing", "live", "stale", "recovering"].map((phase) => `a relayed book is ${phase}`),
    FRAMES_IN_NEW_EPOCH,
  ],
  impossible: new Map(
    ["killOwner", "handOver", "cutOwner"].map(
      (kind) => [`fault ${kind} while none owns`, "there is none"] as const,
    ),
  ),
};
