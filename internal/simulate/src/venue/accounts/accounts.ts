import { accountsStage as binanceAccountStage, ACCOUNT_FAULTS } from "../accounts-stage.js";
import type { Stage, StageParts } from "../stage.js";
import type { VenueFaultMakers } from "../venue-generator.js";
import { coinbaseAccountStage, COINBASE_ACCOUNT_FAULTS } from "./coinbase-account.js";
import { ibkrAccountStage, IBKR_ACCOUNT_FAULTS } from "./ibkr-account.js";

interface AccountVenue {
  readonly faults: VenueFaultMakers;
  readonly stage: (parts: StageParts) => Promise<Stage>;
}

/** Each third seed is of the same venue. */
const VENUES: readonly AccountVenue[] = [
  { faults: ACCOUNT_FAULTS, stage: binanceAccountStage },
  { faults: COINBASE_ACCOUNT_FAULTS, stage: coinbaseAccountStage },
  { faults: IBKR_ACCOUNT_FAULTS, stage: ibkrAccountStage },
];

/** The faults of every venue. */
export const ALL_ACCOUNT_FAULTS: VenueFaultMakers = Object.assign(
  {},
  ...VENUES.map(({ faults }) => faults),
) as VenueFaultMakers;

/** The faults of the venue that a seed is of. */
export function accountFaultsOf(seed: number): VenueFaultMakers {
  return VENUES[seed % VENUES.length]?.faults ?? {};
}

/** An account of the venue that the seed is of. */
export function accountsStage(parts: StageParts): Promise<Stage> {
  const venue = VENUES[parts.seed % VENUES.length];
  if (venue === undefined) throw new RangeError(`no venue has the seed ${parts.seed}`);
  return venue.stage(parts);
}
