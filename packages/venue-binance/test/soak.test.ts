import { expect, it } from "vitest";
import { soak } from "./support/soak.js";

const SECONDS = Number(process.env["SOAK_SECONDS"] ?? 15);
const SEED = Number(process.env["SOAK_SEED"] ?? 1);

it(
  `a soak of ${SECONDS} s with 200 symbols: nothing lost in silence, nothing doubled, no limit broken`,
  async () => {
    const report = await soak({ seed: SEED, symbols: 200, seconds: SECONDS });
    console.log(`soak, seed ${SEED}: ${JSON.stringify(report)}`);
    expect(report).toMatchObject({
      doubled: 0,
      unannounced: 0,
      wrongBooks: [],
      crossedBooks: 0,
      rateViolations: 0,
      connectViolations: 0,
      weightViolations: 0,
      bans: 0,
    });
    // A soak in which nothing happened would prove nothing.
    expect(report.events).toBeGreaterThan(1_000);
    expect(report.announced).toBeGreaterThan(0);
  },
  (SECONDS + 60) * 1_000,
);
