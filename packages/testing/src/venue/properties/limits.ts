import type { Scene } from "../scene.js";
import { expectThat } from "../violation.js";
import type { Property } from "./property.js";
import { QUICK } from "./quick.js";

const RETRY_AFTER_SECONDS = 1;

const THROTTLED: Property["options"] = {
  config: QUICK,
  venueLimits: "none",
  refuse: { count: 1, status: 429, retryAfterSeconds: RETRY_AFTER_SECONDS },
};

/** The venue has said that it was too much. */
async function throttled(scene: Scene): Promise<void> {
  await scene.until("a refused attempt", () =>
    scene.counts.attempts.some(({ status }) => status === 429),
  );
}

function expectKept({ counts: { violations } }: Scene): void {
  expectThat(violations === 0, `a limit of the venue was broken ${violations} times`);
}

export const LIMITS: readonly Property[] = [
  {
    id: "limits-kept",
    claim:
      "with the defaults no documented limit of the venue is broken, over many topics and " +
      "breaks in a row",
    options: { config: {}, venueLimits: "real" },
    check: async (scene) => {
      await scene.untilLive();
      for (let breaks = 1; breaks <= 2; breaks++) {
        scene.venue.strike("reset");
        // A venue whose limits are broken may put the adapter off for longer than this waits.
        await scene.until(
          "the topic to recover",
          () =>
            scene.counts.violations > 0 ||
            (scene.state.recoveries === breaks && scene.state.phase === "live"),
        );
        expectKept(scene);
      }
      await scene.readMore();
      expectKept(scene);
    },
  },
  {
    id: "limits-respected",
    claim: "a venue that says for how long it wants to be left alone is",
    options: THROTTLED,
    check: async (scene) => {
      await throttled(scene);
      await scene.untilLive();
      const [refused, next] = scene.counts.attempts;
      const pauseMs = Math.round((next?.atMs ?? 0) - (refused?.atMs ?? 0));
      expectThat(
        pauseMs >= RETRY_AFTER_SECONDS * 1_000,
        `the next attempt came after ${pauseMs} ms instead of a second`,
      );
    },
  },
];
