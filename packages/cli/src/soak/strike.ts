import { setTimeout as sleep } from "node:timers/promises";
import type { DriverProcess } from "./driver-process.js";
import type { FaultId } from "./fault.js";
import type { Venue } from "./venue/venue.js";

/** How long the server is gone. */
const OUTAGE_MS = 3_000;

const SEND_INTERVAL_MS = 100;

const FLOOD_MS = 10_000;
const FLOOD_INTERVAL_MS = 10;
/** 16 000 frames a second, of which the application reads 2 000. */
const FLOOD_FRAMES = 160;
const FLOOD_PAD = "x".repeat(2_000);
/** What is left after a flood is read within this, or it is not going to be. */
const READ_UP_MS = 5_000;

/** Lets a fault happen; resolves when the server would serve a client again, if it will. */
export const STRIKES: Readonly<Record<FaultId, (venue: Venue, driver: DriverProcess) => Promise<void> | void>> = {
  "half-open": (venue) => venue.freeze(),
  mute: (venue) => venue.mute(),
  "refused-401": (venue) => venue.refuse("401 Unauthorized"),
  "refused-429": (venue) => venue.refuse("429 Too Many Requests", "Retry-After: 60\r\n"),
  "close-1000": (venue) => venue.closeAtOnce(),
  restart: outage,
  provider: async (venue, driver) => {
    if (driver.facts.asksProvider) await driver.answer("armed", { type: "rejectOnce" });
    venue.reset();
  },
  reset: (venue) => venue.reset(),
  "send-gap": async (venue, driver) => {
    driver.tell({ type: "send", intervalMs: SEND_INTERVAL_MS });
    await outage(venue);
  },
  "slow-consumer": flood,
};

async function outage(venue: Venue): Promise<void> {
  await venue.goDown();
  await sleep(OUTAGE_MS);
  await venue.comeBack();
}

/** Ends with the application reading at full speed again, and a few frames of the feed. */
async function flood(venue: Venue, driver: DriverProcess): Promise<void> {
  venue.stopFeed();
  driver.tell({ type: "pace", slow: true });
  for (const end = performance.now() + FLOOD_MS; performance.now() < end; ) {
    venue.burst(FLOOD_FRAMES, FLOOD_PAD);
    await sleep(FLOOD_INTERVAL_MS);
  }
  driver.tell({ type: "pace", slow: false });
  await sleep(READ_UP_MS);
  venue.resumeFeed();
}
