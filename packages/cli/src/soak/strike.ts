import { setTimeout as sleep } from "node:timers/promises";
import type { DriverProcess } from "./driver-process.js";
import type { FaultId } from "./fault.js";
import type { Venue } from "./venue/venue.js";

/** Where a fault happens. */
export interface Scene {
  readonly venue: Venue;
  readonly driver: DriverProcess;
  readonly watchMs: number;
  readonly signal: AbortSignal;
}

/** How things are when a fault has happened. */
export interface Struck {
  /** When it struck. Default: when it was asked to. */
  readonly struckAt?: number;
  /** When the server would serve a client again, by `performance.now()`; `undefined`: never. */
  readonly healedAt: number | undefined;
  /**
   * The client is back with the first frame of the feed after this: what was on its way when it
   * struck may still arrive.
   */
  readonly backAfter: number;
  /**
   * Frames that the server did not send because the client had not read those before. Default 0.
   */
  readonly unsent?: number;
  /** What a client may take to come back, beyond the time of the watch. Default 0. */
  readonly graceMs?: number;
}

/**
 * How long the server is gone: longer than any client here waits before it tries for the first
 * time, so that each meets ECONNREFUSED.
 */
const OUTAGE_MS = 6_000;
/** How long a client that was closed at once may wait beyond the watch: its backoff has grown. */
const GRACE_MS = 10_000;
/** The application has sent for so long before the server goes. */
const SENDING_MS = 500;
const SEND_INTERVAL_MS = 100;

const BURST_FRAMES = 20_000;
const BURST_PAD = "x".repeat(180);

/**
 * How long a renewal may take, and how long the new connection has been there before it is struck.
 */
const RENEWAL_MS = 10_000;

const FLOOD_MS = 10_000;
const FLOOD_INTERVAL_MS = 10;
/** Frames a millisecond; the application reads two. */
const FLOOD_RATE = 16;
const FLOOD_PAD = "x".repeat(2_000);
/** What is left after a flood is read within this, or it is not going to be. */
const READ_UP_MS = 5_000;

/**
 * Lets a fault happen; resolves when the server would serve a client again, or at the end of the
 * watch if it will not. Rejects when aborted.
 */
export const STRIKES: Readonly<Record<FaultId, (scene: Scene) => Promise<Struck>>> = {
  "half-open": atOnce(({ venue }) => venue.freeze()),
  cut: atOnce(({ venue }) => venue.cut()),
  mute: atOnce(({ venue }) => venue.mute()),
  reset: atOnce(({ venue }) => venue.reset()),
  restart: outage,
  provider: atOnce(async ({ venue, driver, signal }) => {
    await driver.ask({ type: "rejectOnce" }, "armed", signal);
    await venue.reset();
  }),
  "refused-401": async ({ venue, watchMs, signal }) => {
    await venue.refuse("401 Unauthorized");
    await pause(watchMs, signal);
    return { healedAt: undefined, backAfter: venue.record.produced };
  },
  "refused-429": async ({ venue, watchMs, signal }) => {
    const retryAfterMs = 2 * watchMs;
    await venue.refuse(
      "429 Too Many Requests",
      `Retry-After: ${Math.ceil(retryAfterMs / 1_000)}\r\n`,
    );
    await pause(retryAfterMs, signal);
    venue.serve();
    return healed(venue);
  },
  "close-1000": async ({ venue, watchMs, signal }) => {
    venue.closeAtOnce();
    await pause(watchMs, signal);
    venue.serve();
    return { ...healed(venue), graceMs: GRACE_MS };
  },
  "send-gap": async (scene) => {
    scene.driver.tell({ type: "send", intervalMs: SEND_INTERVAL_MS });
    await pause(SENDING_MS, scene.signal);
    const struckAt = performance.now();
    return { ...(await outage(scene)), struckAt };
  },
  burst: async ({ venue }) => {
    const healedAt = performance.now();
    venue.burst(BURST_FRAMES, BURST_PAD);
    return { healedAt, backAfter: venue.record.produced - 1 };
  },
  renewal: async ({ venue, driver, signal }) => {
    const old = venue.connections;
    driver.tell({ type: "renew" });
    await pause(RENEWAL_MS, signal);
    venue.close(old);
    return healed(venue);
  },
  "renewed-reset": async ({ venue, driver, signal }) => {
    driver.tell({ type: "renew" });
    await pause(RENEWAL_MS, signal);
    const struckAt = performance.now();
    await venue.reset();
    return { ...healed(venue), struckAt };
  },
  "slow-consumer": flood,
};

/** Waits; rejects with the signal's reason when it is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}

function atOnce(strike: (scene: Scene) => Promise<void> | void): (scene: Scene) => Promise<Struck> {
  return async (scene) => {
    await strike(scene);
    return healed(scene.venue);
  };
}

async function outage({ venue, signal }: Scene): Promise<Struck> {
  await venue.goDown();
  await pause(OUTAGE_MS, signal);
  await venue.comeBack();
  return healed(venue);
}

function healed({ record }: Venue): Struck {
  return { healedAt: performance.now(), backAfter: record.produced };
}

/** Ends with the application reading at full speed again, and then the usual feed. */
async function flood({ venue, driver, signal }: Scene): Promise<Struck> {
  venue.stopFeed();
  driver.tell({ type: "pace", slow: true });
  let due = 0;
  let unsent = 0;
  // By the clock, or a machine that is late would make a smaller flood.
  for (
    const start = performance.now();
    due < FLOOD_MS * FLOOD_RATE;
    await pause(FLOOD_INTERVAL_MS, signal)
  ) {
    const count =
      Math.min(Math.round((performance.now() - start) * FLOOD_RATE), FLOOD_MS * FLOOD_RATE) - due;
    due += count;
    unsent += count - venue.offer(count, FLOOD_PAD);
  }
  driver.tell({ type: "pace", slow: false });
  await pause(READ_UP_MS, signal);
  venue.resumeFeed();
  return { ...healed(venue), unsent };
}
