import { SMALL_BUFFER } from "../venue-under-test.js";
import { expectThat } from "../violation.js";
import type { Property } from "./property.js";
import { QUICK, UNLIMITED } from "./quick.js";

/** Events that may wait where the reader is to be too slow. */
const MAX_UNREAD = 20;

export const LOSSES: readonly Property[] = [
  {
    id: "lag",
    claim: "what our receive buffer dropped is told before the next event, and costs no connection",
    options: { venueLimits: "none", config: { ...QUICK, buffer: { maxFrames: SMALL_BUFFER } } },
    check: async (scene) => {
      await scene.untilLive();
      await scene.readMore();
      scene.venue.flood();
      await scene.until("frames to be dropped", () => scene.runtime.lagged > 0);
      await scene.readMore();
      await scene.untilLive();
      expectThat(scene.topic.gaps().length > 0, "frames were dropped, and no gap record says so");
      expectThat(scene.counts.attempts.length === 1, "the connection was replaced");
    },
  },
  {
    id: "slow-consumer",
    claim:
      "a reader that is too slow gets the newest events and a record of those it missed; the " +
      "connection does not notice",
    options: { ...UNLIMITED, maxUnread: MAX_UNREAD },
    check: async (scene) => {
      await scene.untilLive();
      await scene.readMore();
      scene.venue.flood();
      // The topic is not read meanwhile; the socket is read all the same.
      const { framesSent } = scene.counts;
      await scene.until(
        "the flood to be read from the socket",
        () => scene.runtime.framesTaken >= framesSent,
      );
      await scene.readMore();
      expectThat(
        scene.topic.gaps().some(({ reason }) => reason === "overflow"),
        "events were dropped, and no gap record says so",
      );
      expectThat(scene.counts.attempts.length === 1, "the connection was replaced");
    },
  },
];
