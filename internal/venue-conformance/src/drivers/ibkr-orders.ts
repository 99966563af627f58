import { startIbkrSim } from "@oath-ws/sim";
import { IbkrClient, PACES, SessionKeeper } from "@oath-ws/venue-ibkr";
import type { OrderUpdate } from "@oath-ws/venue-ibkr";
import { AttemptGate, nodeRuntime } from "oath-ws";
import type { FeedUnderTest, Stage, StageOptions, VenueControls } from "@oath-ws/testing/venue";
import { venueControls } from "./controls.js";
import type { PublishedTopic } from "./controls.js";
import { followedTopic } from "@oath-ws/testing/venue";

const ORDER = { conid: 265_598, side: "BUY", quantity: 10, price: 100 } as const;
const ANOTHER = "sld+U00000000";
const NO_LIFETIME =
  "the venue names no lifetime of a connection; its session is repaired on the same socket";

const WIDE = { max: 1_000, windowMs: 1_000 };
const PATHS = Object.keys(PACES);

/** Orders over the IBKR Client Portal; the simulator gives them consecutive ids. */
export function ibkrOrdersFeed(): FeedUnderTest {
  return {
    name: "orders",
    notApplicable: { "planned-renewal": NO_LIFETIME, "shutdown-renewing": NO_LIFETIME },
    open,
  };
}

async function open(options: StageOptions): Promise<Stage> {
  const { silence } = options;
  const runtime = options.observe(nodeRuntime);
  const isReal = options.venueLimits === "real";
  const free = { requests: 1_000, windowMs: 1_000 };
  const sim = await startIbkrSim(
    isReal
      ? { pacing: { slackMs: 100 } }
      : {
          // Heartbeats every 100 ms, and an account that answers at once.
          wire: { heartbeatMs: 100, greetingGapMs: 2, summaryMs: 50 },
          session: { initMs: 10 },
          pacing: { ...free, paths: Object.fromEntries(PATHS.map((path) => [path, free])) },
        },
  );
  let first = 0;
  let placed = 0;
  const place = (): void => {
    placed = sim.account.placeOrder(ORDER).orderId;
    if (first === 0) first = placed;
  };
  const numberOf = (orderId: number): number => orderId - first + 1;
  const topic: PublishedTopic = {
    name: "sor",
    another: ANOTHER,
    lastItem: () => (placed === 0 ? 0 : numberOf(placed)),
    publishSome: place,
    flood: () => {
      for (let count = 0; count < 100; count++) place();
    },
  };
  const session = new SessionKeeper({
    runtime,
    restUrl: sim.url,
    ...(isReal
      ? {}
      : {
          retryMinMs: 20,
          pacing: { global: WIDE, paths: Object.fromEntries(PATHS.map((path) => [path, WIDE])) },
        }),
  });
  const quiet = { staleAfterMs: 50_000, deadAfterMs: 60_000 };
  const pulse =
    silence === undefined
      ? quiet
      : { staleAfterMs: silence.staleAfterMs, deadAfterMs: silence.reconnectAfterMs };
  const client = new IbkrClient({
    runtime,
    session,
    url: sim.wsUrl,
    gate: new AttemptGate(),
    ...(isReal ? {} : { config: options.config, pulse }),
  });
  const orders = client.orderStream({ maxUpdates: options.maxUnread ?? 100_000 });
  const another = client.subscribe(ANOTHER, { policy: { kind: "latest" } });
  // A venue whose heartbeats have not been heard yet cannot miss any: silence before the first one
  // is judged otherwise, and much later.
  if (silence !== undefined) await firstHeartbeat(client);
  const read = (update: OrderUpdate): ReturnType<Stage["topic"]["read"]> => {
    // An order is told in all its states; with this one it is on the books.
    const there = update.orders
      .filter(({ status }) => status === "Submitted")
      .map(({ orderId }) => numberOf(orderId));
    return { items: there, whole: update.kind === "snapshot" };
  };
  return {
    topic: followedTopic(orders, read, { namesMissing: false }),
    venue: controls(sim, topic, options),
    cancelAnother: async () => {
      another.close();
      await sim.waitFor(({ subscriptions }) =>
        subscriptions.every(({ topics }) => !topics.includes(ANOTHER)),
      );
    },
    shutdown: async () => {
      await client.shutdown();
      await session.shutdown();
    },
    close: () => sim.close(),
  };
}

async function firstHeartbeat(client: IbkrClient): Promise<void> {
  using system = client.subscribe("system");
  for await (const { data } of system) if (data.kind === "heartbeat") return;
}

function controls(
  sim: Awaited<ReturnType<typeof startIbkrSim>>,
  topic: PublishedTopic,
  options: StageOptions,
): VenueControls {
  const parts = {
    topic,
    strike: (fault: "reset" | "half-open" | "mute") =>
      sim.faults.apply({ kind: fault }).connections,
    revoke: () => void sim.faults.loginExpires(),
    refuse: (refusal: Parameters<typeof sim.faults.refuse>[0]) => void sim.faults.refuse(refusal),
    subscriptions: () => sim.stats().subscriptions,
    counts: () => {
      const {
        connects,
        open: isOpen,
        pacingViolations,
        penalised,
        overLimit,
        disconnects,
        framesSent,
        requests,
      } = sim.stats();
      return {
        attempts: connects.map(({ at, status }) => ({ atMs: at, status })),
        open: isOpen,
        violations: pacingViolations + penalised + overLimit + disconnects.slowConsumer,
        framesSent,
        authRefusals: requests.filter(({ status }) => status === 401).length,
      };
    },
  };
  return venueControls(parts, options.refuse);
}
