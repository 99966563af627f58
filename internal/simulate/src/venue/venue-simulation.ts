import { LINK_TRANSITIONS } from "@oath-ws/venue-kit";
import { playOut } from "../core/play-out.js";
import type { Half, Outcome, Simulation } from "../core/plan.js";
import { accountFaultsOf, accountsStage, ALL_ACCOUNT_FAULTS } from "./accounts/accounts.js";
import { ANSWER_MEETS_END } from "./answer-audit.js";
import { ENDED_ON_BOTH } from "./accounts-stage.js";
import { binanceStage, BINANCE_FAULTS } from "./binance-stage.js";
import { coinbaseStage, COINBASE_FAULTS } from "./coinbase-stage.js";
import { ibkrStage, IBKR_FAULTS } from "./ibkr-stage.js";
import { venueFaults, venuePlan } from "./venue-generator.js";
import type { VenueFaultMakers } from "./venue-generator.js";
import type { VenueAction, VenuePlan, VenueSetup } from "./venue-plan.js";
import { VenueRun } from "./venue-run.js";
import type { MakeStage } from "./venue-run.js";

const CELLS = Object.entries(LINK_TRANSITIONS).flatMap(([state, row]) =>
  Object.keys(row).map((input) => `link ${state} ${input}`),
);

/** Cells that a feed without a greeting and without a login has no way into. */
const WITHOUT_LOGIN: readonly (readonly [string, string])[] = [
  ...Object.keys(LINK_TRANSITIONS).flatMap((state) =>
    ["greeted", "loggedIn", "putOff", "sessionLost"]
      .filter((input) => `${state} ${input}` !== "greeting greeted")
      .filter((input) => `${state} ${input}` !== "loggingIn loggedIn")
      .map(
        (input) => [`link ${state} ${input}`, "the feed has neither greeting nor login"] as const,
      ),
  ),
  ...["greeting", "loggingIn"].flatMap((state) =>
    Object.keys(LINK_TRANSITIONS.down)
      .filter((input) => !["greeted", "loggedIn", "putOff", "sessionLost"].includes(input))
      .map(
        (input) =>
          [
            `link ${state} ${input}`,
            "the state is left in the turn in which it is entered",
          ] as const,
      ),
  ),
];

/** Of `Link`, which tells what it compares. */
const NEVER_TOLD: readonly (readonly [string, string])[] = [
  ["link ready up", "the transport's next connection is told after the end of the last"],
];

/** Of venues whose connections are renewed. */
const RENEWAL_ENDS = [
  "overlapped",
  "oldDown",
  "refused",
  "newDown",
  "newFailed",
  "newEnding",
  "tooLate",
].map((end) => `renewal ends ${end}`);

const MOODS = ["all is live", "not all is live"];

function venueSimulation(
  half: Half,
  makers: VenueFaultMakers,
  make: MakeStage,
  more: readonly string[],
  impossible: readonly (readonly [string, string])[],
): Simulation<VenueSetup, VenueAction> {
  const faults = venueFaults(makers);
  return {
    half,
    faults,
    plan: (seed, without) => venuePlan(half, makers, seed, without),
    run: (plan: VenuePlan): Promise<Outcome> => playOut(new VenueRun(plan, make)),
    situations: [
      ...CELLS,
      ...faults.flatMap((kind) => MOODS.map((mood) => `fault ${kind} while ${mood}`)),
      ...["subscribing", "recovering", "live", "stale"].map((phase) => `a state is ${phase}`),
      ...more,
    ],
    impossible: new Map(impossible),
  };
}

export const binanceSimulation: Simulation<VenueSetup, VenueAction> = venueSimulation(
  "binance",
  BINANCE_FAULTS,
  binanceStage,
  ["gap reconnect", "gap venue", "gap malformed", "gap overflow", "gap lagged", ...RENEWAL_ENDS],
  [...WITHOUT_LOGIN, ...NEVER_TOLD],
);

export const coinbaseSimulation: Simulation<VenueSetup, VenueAction> = venueSimulation(
  "coinbase",
  COINBASE_FAULTS,
  coinbaseStage,
  ["gap reconnect", "gap venue", "gap malformed", "gap overflow"],
  [...WITHOUT_LOGIN, ...NEVER_TOLD],
);

export const ibkrSimulation: Simulation<VenueSetup, VenueAction> = venueSimulation(
  "ibkr",
  IBKR_FAULTS,
  ibkrStage,
  ["gap reconnect", "gap malformed", "gap overflow"],
  [],
);

const ACCOUNTS: Simulation<VenueSetup, VenueAction> = venueSimulation(
  "accounts",
  ALL_ACCOUNT_FAULTS,
  accountsStage,
  [
    ...["start", "reconnect", "gap", "requested"].map((reason) => `snapshot ${reason}`),
    ENDED_ON_BOTH,
    ANSWER_MEETS_END,
    "order answered",
    "order refused",
    "order didNotLeave",
    ...["placed", "refused", "notPlaced", "stillUnknown"].map(
      (fate) => `order fateUnknown ${fate}`,
    ),
  ],
  [],
);

/** Seeds are of one venue after the other. */
export const accountsSimulation: Simulation<VenueSetup, VenueAction> = {
  ...ACCOUNTS,
  plan: (seed, without) => venuePlan("accounts", accountFaultsOf(seed), seed, without),
};
