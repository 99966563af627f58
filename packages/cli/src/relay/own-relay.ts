import type { Lifecycle } from "oath-ws";
import { relay } from "@oath-ws/relay";
import type { Relay, RelayFeed } from "@oath-ws/relay";
import { Subscription } from "@oath-ws/venue-kit";
import type { OrderBook } from "@oath-ws/venue-kit";
import { ConnectionLog } from "../market/connection-log.js";
import { UsageError } from "../usage-error.js";
import { prepareVenue } from "../venue-tail.js";
import type { VenueTailOptions } from "../venue-tail.js";
import type { FollowedMarket } from "../venues/venue.js";
import type { RelayAddress } from "./nats-flags.js";

/** A relay that this process runs, and the line to the venue that it is made of. */
export interface OwnRelay extends AsyncDisposable {
  readonly running: Relay;
  readonly connections: ConnectionLog;
}

/** What an {@link OwnRelay} is made with. */
export interface OwnRelayOptions extends VenueTailOptions {
  readonly address: RelayAddress;
  readonly replicas?: number | undefined;
  readonly onFault: (error: unknown) => void;
}

/** Opens the venue's streams, and relays them. Throws a UsageError for what cannot be relayed. */
export async function ownRelay(options: OwnRelayOptions): Promise<OwnRelay> {
  const { address, onFault, venue, replicas } = options;
  const prepared = await prepareVenue(options);
  const connections = new ConnectionLog();
  let market: FollowedMarket<unknown> | undefined;
  const close = async (): Promise<void> => {
    await market?.shutdown();
    await prepared.close();
  };
  try {
    market = prepared.open({
      runtime: connections.runtime,
      policy: { kind: "reliable" },
      onUnreadable: () => undefined,
      onFault,
    });
    const { feed, topics, books } = relayable(market, connections);
    const stream = { replicas };
    const running = await relay(feed, { ...address, topics, books, note: venue, stream, onFault });
    const dispose = async (): Promise<void> => {
      await running.shutdown();
      await close();
    };
    return { running, connections, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await close();
    throw error;
  }
}

function relayable(
  { streams }: FollowedMarket<unknown>,
  connections: ConnectionLog,
): {
  readonly feed: RelayFeed;
  readonly topics: readonly string[];
  readonly books: Readonly<Record<string, OrderBook>>;
} {
  const subscriptions = new Map<string, Subscription<unknown>>();
  const books: Record<string, OrderBook> = {};
  for (const { name, source, book } of streams) {
    if (book !== undefined) books[name] = book;
    else if (source instanceof Subscription) subscriptions.set(name, source);
    else
      throw new UsageError(
        `"${name}" cannot be relayed: relay the venue's own streams, and books as book:SYMBOL`,
      );
  }
  const lifecycles: Lifecycle[] = [];
  connections.watch((lifecycle) => lifecycles.push(lifecycle));
  const feed: RelayFeed = {
    subscribe(topic) {
      const found = subscriptions.get(topic);
      if (found === undefined) throw new UsageError(`no stream ${topic}`);
      return found;
    },
    get connections() {
      return lifecycles
        .filter(({ snapshot }) => snapshot.phase !== "closed")
        .map((lifecycle) => ({ lifecycle }));
    },
  };
  return { feed, topics: [...subscriptions.keys()], books };
}
