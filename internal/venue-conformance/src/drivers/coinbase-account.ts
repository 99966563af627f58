import { startCoinbaseSim } from "@oath-ws/sim";
import { CoinbaseUser, MessageBudget } from "@oath-ws/venue-coinbase";
import type { UserOptions, UserOrder, UserUpdate } from "@oath-ws/venue-coinbase";
import { jwtSigner } from "@oath-ws/venue-coinbase/node";
import { AttemptGate, nodeRuntime } from "oath-ws";
import type { FeedUnderTest, Stage, StageOptions } from "@oath-ws/testing/venue";
import { coinbaseControls, coinbaseLimits, coinbaseSilence } from "./coinbase-controls.js";
import { NO_LIFETIME } from "./coinbase-market.js";
import type { PublishedTopic } from "./controls.js";
import { followedTopic } from "@oath-ws/testing/venue";

const ORDER = { productId: "BTC-USD", side: "BUY", price: "100", quantity: "0.01" } as const;

/** The account's orders of Coinbase Advanced Trade; the simulator numbers them. */
export function coinbaseAccountFeed(overrides: Partial<UserOptions> = {}): FeedUnderTest {
  return {
    name: "account",
    notApplicable: { "planned-renewal": NO_LIFETIME, "shutdown-renewing": NO_LIFETIME },
    open: (options) => open(options, overrides),
  };
}

async function open(options: StageOptions, overrides: Partial<UserOptions>): Promise<Stage> {
  const { limits, timeScale } = coinbaseLimits(options);
  const sim = await startCoinbaseSim({ market: { auto: false }, limits, timeScale });
  const account = sim.account();
  let placed = 0;
  const place = (): void => {
    placed = numberOf(account.place(ORDER));
  };
  const topic: PublishedTopic = {
    name: "user",
    lastItem: () => placed,
    publishSome: place,
    flood: () => {
      for (let count = 0; count < 400; count++) place();
    },
  };
  const controls = coinbaseControls(sim, "user", topic, options);
  const { keyName, privateKey = "" } = account;
  const isReal = options.venueLimits === "real";
  const user = new CoinbaseUser({
    runtime: options.observe(nodeRuntime),
    url: sim.userUrl,
    restUrl: sim.restUrl,
    signer: jwtSigner({ keyName, privateKey }),
    gate: new AttemptGate(),
    heartbeat: coinbaseSilence(options),
    futures: isReal,
    ...(isReal
      ? {}
      : { config: options.config, budget: new MessageBudget({ max: 1_000, windowMs: 100 }) }),
    maxUpdates: options.maxUnread ?? 100_000,
    ...overrides,
  });
  return {
    topic: followedTopic(user, read, { namesMissing: false }),
    venue: controls,
    shutdown: () => user.shutdown(),
    close: () => sim.close(),
  };
}

function read(
  update: UserUpdate,
): { readonly items: readonly number[]; readonly whole: boolean } | undefined {
  if (update.kind === "futures") return undefined;
  return { items: update.orders.map(numberOf), whole: update.kind === "snapshot" };
}

/** `order-1-7` is the seventh. */
function numberOf({ order_id }: Pick<UserOrder, "order_id">): number {
  return Number(order_id.slice(order_id.lastIndexOf("-") + 1));
}
