import { open } from "oath-ws";
import type { OpenOptions, ReconnectingConnection } from "oath-ws";
import { PLAIN_DIALECT, plainId } from "../driver.js";
import type { DriverContext, SoakDriver } from "../driver.js";

/**
 * No data for so long, on a feed that brings some twenty times a second, and the application has
 * the connection replaced.
 */
const MUTE_AFTER_MS = 12_000;
const WATCHDOG_INTERVAL_MS = 2_000;

/**
 * `open()` with its defaults, over either transport, and the watchdog for mute feeds that
 * `docs/topics/liveness.md` describes.
 */
export function driveOpen(title: string, transport: OpenOptions["transport"]): SoakDriver {
  return {
    title,
    dialect: PLAIN_DIALECT,
    asksProvider: true,
    notes: {
      mute:
        "noticed by a watchdog in the application, as docs/topics/liveness.md has it " +
        `(\`lastDataAt\` and \`forceReconnect()\`), set to ${MUTE_AFTER_MS / 1000} s; the ` +
        "transport by itself takes a mute peer for a well one",
    },
    start: async (context) => {
      const connection = await open(context.url, {
        transport,
        awaitFirst: false,
        auth: {
          authorize: async (handshake) => ({ ...handshake, url: await context.provideUrl() }),
        },
      });
      void read(connection, context);
      void announce(connection, context);
      watch(connection);
      return { send: (text) => connection.sink.send(text) };
    },
  };
}

async function read(
  { source }: ReconnectingConnection,
  { frame, closed }: DriverContext,
): Promise<void> {
  try {
    for await (const received of source) await frame(plainId(received.text()), received);
    closed("closed");
  } catch (error) {
    closed(error instanceof Error ? error.message : String(error));
  }
}

/**
 * What a watcher of the lifecycle sees: every break, every stale feed, every frame that was
 * dropped.
 */
async function announce(
  { lifecycle }: ReconnectingConnection,
  { said, lost }: DriverContext,
): Promise<void> {
  let before = lifecycle.snapshot;
  for await (const snapshot of lifecycle) {
    const lagged = snapshot.totalLagged - before.totalLagged;
    if (lagged > 0) lost(lagged);
    if (snapshot.staleCount > before.staleCount) said("stale");
    const down = snapshot.downSince !== undefined && before.downSince === undefined;
    if (down || snapshot.epoch > Math.max(1, before.epoch))
      said("down", `${snapshot.phase}, epoch ${snapshot.epoch}`);
    before = snapshot;
  }
}

function watch({ lifecycle, trigger }: ReconnectingConnection): void {
  let seen = 0;
  setInterval(() => {
    const { phase, epoch } = lifecycle.snapshot;
    const settled = epoch === seen;
    seen = epoch;
    const up = phase === "connected" || phase === "resumed";
    const silentMs = performance.now() - (lifecycle.lastDataAt ?? 0);
    if (up && settled && silentMs > MUTE_AFTER_MS)
      trigger.forceReconnect(`no data for ${MUTE_AFTER_MS} ms`);
  }, WATCHDOG_INTERVAL_MS);
}
