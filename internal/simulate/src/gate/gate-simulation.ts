import { TABLES } from "@oath-ws/resilience";
import { playOut } from "../core/play-out.js";
import type { Outcome, Simulation } from "../core/plan.js";
import { GATE_FAULTS, gatePlan } from "./gate-generator.js";
import type { GateAction, GatePlan, GateSetup } from "./gate-plan.js";
import { GateRun } from "./gate-run.js";

/** States in which a ticket waits whose time the gate may move. */
const MOVED = Object.entries(TABLES.supervisor)
  .filter(([, row]) => typeof row["granted"] === "object")
  .map(([state]) => `the gate moves a time in ${state}`);

const SITUATIONS = [
  ...GATE_FAULTS.flatMap((kind) =>
    ["process", "store"].map((gate) => `fault ${kind} with a gate of a ${gate}`),
  ),
  ...MOVED,
  ...["connecting", "reconnecting"].flatMap((phase) =>
    ["gate", "retryAfter", "backoff"].map((wait) => `waits for ${wait} while ${phase}`),
  ),
  ...["connected", "resumed"].flatMap((phase) =>
    ["gate", "retryAfter"].map((wait) => `waits for ${wait} while ${phase}`),
  ),
];

/** Several connections that share an attempt gate. */
export const gateSimulation: Simulation<GateSetup, GateAction> = {
  half: "gate",
  faults: GATE_FAULTS,
  plan: gatePlan,
  run: (plan: GatePlan): Promise<Outcome> => playOut(new GateRun(plan)),
  situations: SITUATIONS,
  impossible: new Map(),
};
