import { startIbkrSim } from "@oath-ws/sim";
import type { IbkrSim } from "@oath-ws/sim";
import { IbkrClient, SessionKeeper } from "@oath-ws/venue-ibkr";
import { networkPlatform } from "oath-ws/leaf";
import type { Stage, StagedTopic, StageParts } from "./stage.js";
import { recordOf } from "./venue-record.js";
import { stagedTopic } from "./staged-topic.js";
import { COMMON_FAULTS } from "./venue-generator.js";
import type { VenueFaultMakers } from "./venue-generator.js";

export const IBKR_FAULTS: VenueFaultMakers = {
  ...COMMON_FAULTS,
  cut: () => ({}),
  "expire-topic": () => ({}),
  "lose-session": (draw) => ({ silent: draw.chance(0.5) }),
  "midnight-reset": () => ({}),
  "penalty-box": (draw) => ({ forMs: draw.spread(1_000, 120_000) }),
  "stray-byte": (draw) => ({ count: draw.spread(1, 4) }),
  "empty-update": () => ({}),
  "fail-requests": (draw) => ({
    // 401 would end the topics with LOGIN_REQUIRED: a person has to act then.
    status: draw.of([500, 502, 503]),
    count: draw.whole(1, 4),
  }),
  "roll-session": () => ({}),
};

/** A gateway carries one session and one connection, so there are three. */
const GATEWAYS = 3;
const CONTRACTS = [265_598, 8_314, 1_001, 1_002, 1_003, 1_004];

/** What the gateway says when it loses the session, and the topics that hang on it. */
export const SESSION_ENDS: readonly { text: string; ends: (topic: string) => boolean }[] = [
  { text: '"authenticated":false', ends: (topic) => topic !== "spl" },
];

/** Between two frames of profits. The venue sends one a second; fewer of them prove as much. */
const PROFITS_MS = 5_000;

/** The gateway says nothing when it has subscribed the profits (I-4). */
const UNANSWERED: ReadonlySet<string> = new Set(["spl"]);

interface Gateway {
  readonly sim: IbkrSim;
  readonly session: SessionKeeper;
  readonly client: IbkrClient;
  readonly topics: readonly StagedTopic[];
}

/** Three gateways with six contracts and the profits each: 21 topics. */
export async function ibkrStage(parts: StageParts): Promise<Stage> {
  const gateways: Gateway[] = [];
  for (let i = 0; i < GATEWAYS; i++) gateways.push(await gatewayOf(parts, i));
  return {
    topics: gateways.flatMap(({ topics }) => topics),
    books: [],
    others: [],
    groups: gateways.map(({ sim, client, topics }) => ({
      holds: topics,
      connections: () => client.connections,
      unanswered: UNANSWERED,
      record: recordOf(sim, ({ subscriptions }) => subscriptions, SESSION_ENDS),
    })),
    step: () => gateways.forEach(({ sim }) => sim.market.step()),
    apply: (fault) => {
      for (const { sim } of gateways) sim.faults.apply(fault as never);
    },
    renew: () => undefined,
    sendLimit: { max: 25, windowMs: 1_000, path: "/" },
    broken: () =>
      gateways
        .map(({ sim }) => sim.stats())
        .filter(({ pacingViolations, protocolErrors }) => pacingViolations + protocolErrors > 0)
        .map((stats) => `${stats.pacingViolations} requests too many`)
        .join(", "),
    ends: [
      () => ending(gateways, ({ client }) => client.shutdown()),
      () => ending(gateways, ({ session }) => session.shutdown()),
      () => ending(gateways, ({ sim }) => sim.close()),
    ],
  };
}

async function gatewayOf(parts: StageParts, index: number): Promise<Gateway> {
  const { seed, venue, runtime, narrow, onFault } = parts;
  const sim = await startIbkrSim({
    seed: seed + index,
    host: venue.name,
    platform: networkPlatform(venue),
    market: { auto: false },
    wire: { pnlMs: PROFITS_MS },
  });
  const session = new SessionKeeper({ runtime, restUrl: sim.url });
  const client = new IbkrClient({ runtime: narrow, session, url: sim.wsUrl, onFault });
  const topics = [
    ...CONTRACTS.map((conid) => client.subscribe(`smd+${conid}`)),
    client.subscribe("spl"),
  ].map((subscription) => stagedTopic(subscription, `${index}:`));
  return { sim, session, client, topics };
}

async function ending(
  gateways: readonly Gateway[],
  end: (gateway: Gateway) => Promise<void>,
): Promise<void> {
  await Promise.all(gateways.map(end));
}
