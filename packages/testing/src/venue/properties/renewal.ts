import type { Scene } from "../scene.js";
import { expectThat } from "../violation.js";
import type { Property } from "./property.js";
import { UNLIMITED } from "./quick.js";

/** A second connection is being made, to take over from the first. */
export async function renewing(scene: Scene): Promise<void> {
  const { renew } = scene.stage;
  expectThat(renew !== undefined, "the feed cannot be renewed, and does not say why");
  await scene.untilLive();
  await scene.readMore();
  renew();
  await scene.until("a second connection", () => scene.counts.attempts.length === 2);
}

export const RENEWAL: readonly Property[] = [
  {
    id: "planned-renewal",
    claim:
      "a connection is replaced before its venue ends it, and nothing is lost or doubled, " +
      "and the topic is live throughout",
    options: UNLIMITED,
    check: async (scene) => {
      await renewing(scene);
      await scene.until("the topic on both connections", () => scene.counts.held === 2);
      await scene.readMore();
      await scene.until("the old connection to be gone", () => scene.counts.open === 1);
      await scene.readMore();
      const { recoveries, staleCount, gaps, phase } = scene.state;
      expectThat(
        recoveries === 0 && staleCount === 0,
        `the topic was down ${recoveries} times and stale ${staleCount} times`,
      );
      expectThat(gaps === 0 && scene.account.holes === 0, `there are ${gaps} gaps`);
      expectThat(
        phase === "live" && scene.counts.held === 1,
        "the topic is not live on one connection",
      );
    },
  },
];
