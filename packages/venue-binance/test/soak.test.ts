import { expect, it } from "vitest";
import { soak } from "./support/soak.js";

const SECONDS = Number(process.env["SOAK_SECONDS"] ?? 15);
const SEED = Number(process.env["SOAK_SEED"] ?? 1);

it.concurrent(
  `a soak of ${SECONDS} s with 200 symbols over two adapters and an account of one address: ` +
    "nothing lost in silence, nothing doubled, no limit broken",
  async () => {
    const report = await soak({ seed: SEED, symbols: 200, seconds: SECONDS });
    console.log(`soak, seed ${SEED}: ${JSON.stringify(report)}`);
    expect(report).toMatchObject({
      account: { lost: 0, doubled: 0, foreign: 0, wrong: 0, unsettled: 0 },
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
    expect(report.account.orderEvents).toBeGreaterThan(100);
    expect(report.account.covered).toBeGreaterThan(0);
    expect(report.account.reconciliations).toBeGreaterThan(1);
    expect(report.account.compared).toBeGreaterThan(SECONDS);
  },
  // What is waited for at the end is counted; a busy machine takes its time for it.
  (SECONDS * 3 + 400) * 1_000,
);

it.concurrent("the audit of the account sees an event that is lost in silence, and none twice that the venue " +
  "sends twice", async () => {
  const { account } = await soak({
    seed: SEED,
    symbols: 2,
    seconds: 2,
    accountFaults: [[{ kind: "drop" }, { kind: "duplicate" }]],
  });
  expect(account).toMatchObject({ lost: 1, doubled: 0, foreign: 0 });
}, 400_000);
