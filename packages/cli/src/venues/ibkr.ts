import { startIbkrSim } from "@oath-ws/sim";
import { IbkrClient, parseTopicName, SessionKeeper } from "@oath-ws/venue-ibkr";
import type { IbkrPayload, OrderUpdate } from "@oath-ws/venue-ibkr";
import { isWsError } from "oath-ws";
import { ibkrSimulator } from "../dash/simulator.js";
import { orderLine, topicLine } from "./ibkr-lines.js";
import { followModel, parseModelName } from "./model-streams.js";
import { restUrlOf } from "./rest-url.js";
import type { FollowedStream, MarketParts, OpenMarket, Venue } from "./venue.js";

/** The account's orders, compared with REST; every other stream is a topic of the WebSocket. */
const ORDERS = "orders";

/** What histories are shown of. */
const HISTORY = { period: "1d", bar: "5min" } as const;

/**
 * Topics of the IBKR Client Portal, through a gateway. Its own certificate is trusted by way of
 * `NODE_EXTRA_CA_CERTS`.
 */
export const IBKR: Venue = {
  example: "smd+265598,sor or trades:265598,quotes:265598",
  takesKey: false,
  request: (text) => {
    const isOurs = text === ORDERS || parseModelName(text) !== undefined;
    return { name: isOurs ? text : parseTopicName(text).name };
  },
  follow: (requests, { url }) => {
    const names = requests.map(({ name }) => name);
    return ((parts) => open(names, url, parts)) satisfies OpenMarket<unknown>;
  },
  simulate: async () => {
    const sim = await startIbkrSim();
    return {
      address: { url: sim.wsUrl, key: undefined },
      simulator: ibkrSimulator(sim),
      close: () => sim.close(),
    };
  },
};

function open(
  names: readonly string[],
  url: string | undefined,
  parts: MarketParts,
): ReturnType<OpenMarket<unknown>> {
  const { runtime, policy, onUnreadable, onFault: tell } = parts;
  const onFault = (error: unknown): void => (isUnreadable(error) ? onUnreadable() : tell(error));
  const session = new SessionKeeper({
    runtime,
    restUrl: restUrlOf(url)?.replace(/\/ws\/?$/, ""),
    onFault,
  });
  const client = new IbkrClient({ runtime, session, url, onFault });
  type Followed =
    | FollowedStream<IbkrPayload>
    | FollowedStream<OrderUpdate>
    | FollowedStream<unknown>;
  const shutdown = async (): Promise<void> => {
    await client.shutdown();
    await session.shutdown();
  };
  const follow = (name: string): Followed => {
    const model = parseModelName(name);
    if (model !== undefined) return followModel(client, model, parts);
    if (name === ORDERS)
      return { name, kind: ORDERS, source: client.orderStream(), line: orderLine };
    const { kind } = parseTopicName(name);
    return {
      name,
      kind,
      source: client.subscribe(name, kind === "smh" ? { policy, history: HISTORY } : { policy }),
      line: (data: IbkrPayload) => topicLine(kind, data),
    };
  };
  try {
    // Each stream's line knows its payload; no code in between looks into it.
    return { streams: names.map(follow) as readonly FollowedStream<unknown>[], shutdown };
  } catch (error) {
    // A stream that the venue does not have: those before it are held already.
    void shutdown();
    throw error;
  }
}

/** Frames that could not be read throw what their reading threw. */
function isUnreadable(error: unknown): boolean {
  return !isWsError(error) || error.code === "FRAME_UNKNOWN" || error.code === "FRAME_INVALID";
}
