import type { Scene } from "../scene.js";
import { SMALL_BUFFER } from "../venue-under-test.js";
import { expectThat } from "../violation.js";
import { refused } from "./auth.js";
import { SILENCE } from "./breaks.js";
import type { Property, ShutdownId } from "./property.js";
import { QUICK, UNLIMITED } from "./quick.js";
import { renewing } from "./renewal.js";

interface Situation {
  readonly id: ShutdownId;
  readonly when: string;
  readonly options?: Partial<Property["options"]>;
  /** Brings the feed into it. */
  readonly reach: (scene: Scene) => Promise<void>;
  /** Whether the venue keeps sockets that no client has any more. */
  readonly leavesSockets?: boolean;
}

async function working(scene: Scene): Promise<void> {
  await scene.untilLive();
  await scene.readMore();
}

const SITUATIONS: readonly Situation[] = [
  {
    id: "shutdown-dialling",
    when: "while it cannot connect",
    options: { refuse: { count: 1_000_000, status: 503 } },
    reach: (scene) => scene.until("refused attempts", () => scene.counts.attempts.length >= 2),
  },
  {
    id: "shutdown-subscribing",
    when: "before anything is confirmed",
    reach: (scene) => scene.until("a connection", () => scene.counts.open === 1),
  },
  { id: "shutdown-live", when: "while all is well", reach: working },
  {
    id: "shutdown-reconnecting",
    when: "while it reconnects",
    reach: async (scene) => {
      await working(scene);
      scene.venue.refuse({ count: 1_000_000, status: 503 });
      scene.venue.strike("reset");
      await scene.until("a refused attempt", () => scene.counts.attempts.length >= 2);
    },
  },
  {
    id: "shutdown-half-open",
    when: "on a half-open socket",
    leavesSockets: true,
    reach: async (scene) => {
      await working(scene);
      scene.venue.strike("half-open");
    },
  },
  {
    id: "shutdown-mute",
    when: "while the topic is mute",
    options: { silence: { ...SILENCE, reconnectAfterMs: 60_000 } },
    reach: async (scene) => {
      await working(scene);
      await scene.untilStale();
    },
  },
  {
    id: "shutdown-lagged",
    when: "while frames are being dropped",
    options: { config: { ...QUICK, buffer: { maxFrames: SMALL_BUFFER } } },
    reach: async (scene) => {
      await working(scene);
      scene.venue.flood();
      await scene.until("frames to be dropped", () => scene.runtime.lagged > 0);
    },
  },
  {
    id: "shutdown-unread",
    when: "while its events are not read",
    options: { maxUnread: 20 },
    reach: async (scene) => {
      await working(scene);
      scene.venue.flood();
    },
  },
  { id: "shutdown-auth-refused", when: "while its credentials are being refused", reach: refused },
  { id: "shutdown-renewing", when: "in the middle of a renewal", reach: renewing },
  {
    id: "shutdown-throttled",
    when: "while it waits because the venue said so",
    options: { refuse: { count: 1, status: 429, retryAfterSeconds: 600 } },
    reach: (scene) => scene.until("a refused attempt", () => scene.counts.attempts.length === 1),
  },
];

/** It settles, also when asked twice; the stream ends, and nothing is left behind. */
async function endsCleanly(scene: Scene, { id, leavesSockets = false }: Situation): Promise<void> {
  await scene.settled(
    "the shutdown",
    Promise.all([scene.stage.shutdown(), scene.stage.shutdown()]),
  );
  await scene.readToEnd().catch((error: unknown) => {
    // A subscriber that was refused may hear of that instead.
    if (id !== "shutdown-auth-refused") throw error;
  });
  const { phase } = scene.state;
  const mayFail = id === "shutdown-auth-refused" && phase === "failed";
  expectThat(phase === "closed" || mayFail, `the topic is ${phase} after the shutdown`);
  expectThat(scene.runtime.living === 0, `${scene.runtime.living} connections are not over`);
  expectThat(scene.runtime.pendingTimers === 0, `${scene.runtime.pendingTimers} timers still run`);
  const { attempts } = scene.counts;
  if (!leavesSockets)
    await scene.until("the venue's sockets to be gone", () => scene.counts.open === 0);
  expectThat(
    scene.counts.attempts.length === attempts.length,
    "there was another attempt to connect after the shutdown",
  );
}

export const SHUTDOWNS: readonly Property[] = SITUATIONS.map((situation) => ({
  id: situation.id,
  claim:
    `shut down ${situation.when}, it ends in time, and leaves no timer, connection or waiting ` +
    "reader behind",
  options: { ...UNLIMITED, ...situation.options },
  check: async (scene) => {
    await situation.reach(scene);
    await endsCleanly(scene, situation);
  },
}));
