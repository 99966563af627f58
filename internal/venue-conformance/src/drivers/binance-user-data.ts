import { startBinanceSim } from "@oath-ws/sim";
import { BinanceUserData } from "@oath-ws/venue-binance";
import type { UserDataOptions, UserDataUpdate } from "@oath-ws/venue-binance";
import { ed25519Signer } from "@oath-ws/venue-binance/node";
import { AttemptGate, nodeRuntime } from "oath-ws";
import type { FeedUnderTest, Stage, StageOptions } from "@oath-ws/testing/venue";
import { BINANCE_RENEWAL, binanceControls, binanceLimits } from "./binance-controls.js";
import type { PublishedTopic } from "./controls.js";
import { followedTopic } from "@oath-ws/testing/venue";

const ORDER = { symbol: "BTCUSDT", side: "BUY", price: "100", quantity: "0.01" } as const;
const SILENT =
  "an account may be silent for hours without a beat; pings tell that its connection lives";

/** The account's events of Binance Spot, looked at through new orders, which the venue numbers. */
export function binanceUserDataFeed(overrides: Partial<UserDataOptions> = {}): FeedUnderTest {
  return {
    name: "user data",
    notApplicable: { mute: SILENT, "shutdown-mute": SILENT },
    open: (options) => open(options, overrides),
  };
}

async function open(options: StageOptions, overrides: Partial<UserDataOptions>): Promise<Stage> {
  const sim = await startBinanceSim({
    symbols: ["BTCUSDT"],
    market: { auto: false },
    limits: binanceLimits(options),
  });
  const account = sim.account();
  let placed = 0;
  const place = (): void => {
    placed = account.placeOrder(ORDER);
  };
  const topic: PublishedTopic = {
    // The venue gives each subscription a number of its own on its connection; the first is 0.
    name: "0",
    lastItem: () => placed,
    publishSome: place,
    flood: () => {
      for (let count = 0; count < 400; count++) place();
    },
  };
  const controls = binanceControls(sim, "ws-api", topic, options);
  const { apiKey, privateKey = "" } = account;
  const user = new BinanceUserData({
    runtime: options.observe(nodeRuntime),
    url: sim.url,
    restUrl: sim.restUrl,
    credentials: { apiKey, sign: ed25519Signer(privateKey) },
    gate: new AttemptGate(),
    ...(options.venueLimits === "real" ? {} : { config: options.config }),
    renewal: BINANCE_RENEWAL,
    maxUpdates: options.maxUnread ?? 100_000,
    ...overrides,
  });
  return {
    topic: followedTopic(user, read, { namesMissing: false }),
    venue: controls,
    renew: () => user.renew(),
    shutdown: () => user.shutdown(),
    close: () => sim.close(),
  };
}

function read(
  update: UserDataUpdate,
): { readonly items: readonly number[]; readonly whole: boolean } | undefined {
  if (update.kind === "snapshot")
    return { items: update.account.openOrders.map(({ orderId }) => orderId), whole: true };
  const { event } = update;
  return event.e === "executionReport" && event.x === "NEW"
    ? { items: [event.i], whole: false }
    : undefined;
}
