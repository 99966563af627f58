import type { Scene } from "../scene.js";
import { expectThat } from "../violation.js";
import type { Property } from "./property.js";
import { UNLIMITED } from "./quick.js";

/** Silence that counts, short enough to wait for. */
export const SILENCE = { staleAfterMs: 400, reconnectAfterMs: 800 } as const;

/** Upgrades that are refused before the venue is back. */
const REFUSALS = 5;

/**
 * The topic is restored on a new connection, whatever was cancelled is not, and every item is
 * accounted for.
 */
async function restored(scene: Scene): Promise<void> {
  await scene.until(
    "a new connection",
    () => scene.state.epoch >= 2 && scene.state.phase === "live",
  );
  await scene.readMore();
  const { held, holdsCancelled, attempts } = scene.counts;
  expectThat(held === 1, `the topic is subscribed on ${held} connections`);
  expectThat(!holdsCancelled, "what was cancelled before the break was subscribed again");
  expectThat(attempts.length === 2, `${attempts.length} attempts to connect where two are enough`);
}

/** The topic works, and another one was given up. */
async function ready(scene: Scene): Promise<void> {
  await scene.untilLive();
  await scene.readMore();
  if (scene.stage.cancelAnother !== undefined) {
    await scene.settled("the other topic to be dropped", scene.stage.cancelAnother());
  }
}

async function broken(scene: Scene, fault: "reset" | "half-open"): Promise<void> {
  await ready(scene);
  scene.venue.strike(fault);
  await scene.until("the topic to recover", () => scene.state.recoveries === 1);
  scene.venue.publish(3);
  await restored(scene);
}

export const BREAKS: readonly Property[] = [
  {
    id: "reconnect",
    claim:
      "a cut connection is told, its topics are restored, cancelled ones are not, and " +
      "nothing is lost without a gap",
    options: UNLIMITED,
    check: (scene) => broken(scene, "reset"),
  },
  {
    id: "half-open",
    claim: "a peer that is gone without a word is noticed, and then the same",
    options: UNLIMITED,
    check: async (scene) => {
      await broken(scene, "half-open");
      expectThat(
        scene.state.staleCount > 0,
        "the topic was never stale before the connection was given up",
      );
    },
  },
  {
    id: "mute",
    claim: "a connection that answers pings and says nothing else is stale, and then replaced",
    options: { ...UNLIMITED, silence: SILENCE },
    check: async (scene) => {
      await ready(scene);
      await scene.untilStale();
      scene.keepSilence();
      await restored(scene);
    },
  },
  {
    id: "outage",
    claim:
      "nothing is live without a connection that stands, even if an ended one left events behind",
    options: UNLIMITED,
    check: async (scene) => {
      await ready(scene);
      scene.venue.refuse({ count: REFUSALS, status: 503 });
      scene.venue.flood();
      scene.venue.strike("reset");
      await scene.until("the topic to recover", () => scene.state.recoveries > 0);
      await scene.until("the venue to be back", () => {
        // The state first: a connection that opens in between is no excuse.
        const { phase } = scene.state;
        const isDown = scene.counts.open === 0;
        expectThat(!(isDown && phase === "live"), "the topic is live without a connection");
        return !isDown && scene.counts.attempts.length > REFUSALS + 1;
      });
      await scene.untilLive();
      await scene.readMore();
    },
  },
];
