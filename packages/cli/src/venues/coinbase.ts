import { startCoinbaseSim } from "@oath-ws/sim";
import {
  CoinbaseMarket,
  CoinbaseUser,
  MessageBudget,
  parseTopicName,
} from "@oath-ws/venue-coinbase";
import type { JwtSigner, MarketPayload, UserUpdate } from "@oath-ws/venue-coinbase";
import { signerFromKeyFile } from "@oath-ws/venue-coinbase/node";
import { isWsError } from "oath-ws";
import { errorLine } from "../error-line.js";
import { coinbaseSimulator } from "../dash/simulator.js";
import { UsageError } from "../usage-error.js";
import { eventLine, userLine } from "./coinbase-lines.js";
import { followModel, parseModelName } from "./model-streams.js";
import { restUrlOf } from "./rest-url.js";
import type { FollowedStream, MarketParts, OpenMarket, Venue } from "./venue.js";

/** The account's orders; every other stream is the market's. */
const USER = "user";

/** Coinbase Advanced Trade's market channels, and with a key the account's orders. */
export const COINBASE: Venue = {
  example: "ticker:BTC-USD,level2:ETH-USD or trades:BTC-USD,quotes:BTC-USD,book:BTC-USD",
  takesKey: true,
  request: (text) => {
    if (text === USER) return { name: USER };
    const model = parseModelName(text);
    if (model === undefined) return { name: parseTopicName(text).name };
    return { name: `${model.word}:${productOf(text)}` };
  },
  follow: (requests, { url, restUrl = timeUrlOf(url), key }) => {
    const names = requests.map(({ name }) => name);
    const signer = key === undefined ? undefined : readSigner(key);
    if (names.includes(USER) && signer === undefined)
      throw new UsageError("the stream user needs --key FILE, or --sim");
    return ((parts) => open(names, { url, restUrl, signer }, parts)) satisfies OpenMarket<unknown>;
  },
  simulate: async (requests) => {
    const products = requests.flatMap(({ name }) => (name === USER ? [] : (productOf(name) ?? [])));
    const sim = await startCoinbaseSim(products.length === 0 ? {} : { products });
    const { keyName, privateKey } = sim.account();
    const key = JSON.stringify({ name: keyName, privateKey });
    return {
      address: { url: sim.url, restUrl: sim.restUrl, key },
      simulator: coinbaseSimulator(sim),
      close: () => sim.close(),
    };
  },
};

/** Where the venue is, and who signs for it. */
interface CoinbaseAddress {
  readonly url: string | undefined;
  readonly restUrl: string | undefined;
  readonly signer: JwtSigner | undefined;
}

/** Where the venue's time is asked for. The live venue has its REST at an address of its own. */
function timeUrlOf(url: string | undefined): string | undefined {
  if (url !== undefined && /\.coinbase\.com\b/.test(url)) return undefined;
  return restUrlOf(url)?.replace(/\/user\/?$/, "");
}

function open(
  names: readonly string[],
  address: CoinbaseAddress,
  parts: MarketParts,
): ReturnType<OpenMarket<unknown>> {
  const { runtime, policy, onUnreadable, onFault: tell } = parts;
  const onFault = (error: unknown): void => (isUnreadable(error) ? onUnreadable() : tell(error));
  // The venue counts the messages of an address, over all connections.
  const common = { runtime, ...address, onFault, budget: new MessageBudget() };
  const { signer } = address;
  const market = new CoinbaseMarket(common);
  const user =
    signer !== undefined && names.includes(USER)
      ? new CoinbaseUser({ ...common, signer })
      : undefined;
  type Followed =
    | FollowedStream<MarketPayload>
    | FollowedStream<UserUpdate>
    | FollowedStream<unknown>;
  const streams = names.map((name): Followed => {
    if (name === USER && user !== undefined)
      return { name, kind: USER, source: user, line: userLine };
    const model = parseModelName(name);
    if (model !== undefined) return followModel(market, model, parts);
    const { channel } = parseTopicName(name);
    return {
      name,
      kind: channel,
      source: market.subscribe(name, { policy }),
      line: (data: MarketPayload) => eventLine(channel, data),
    };
  });
  return {
    // Each stream's line knows its payload; no code in between looks into it.
    streams: streams as readonly FollowedStream<unknown>[],
    shutdown: async () => {
      await Promise.all([market.shutdown(), user?.shutdown()]);
    },
  };
}

/** The product of a stream; `undefined` for one without. Throws for a name that cannot be one. */
function productOf(name: string): string | undefined {
  const model = parseModelName(name);
  return parseTopicName(model === undefined ? name : `ticker:${model.symbol}`).product;
}

function readSigner(key: string): JwtSigner {
  try {
    return signerFromKeyFile(key);
  } catch (error) {
    throw new UsageError(`--key: ${errorLine(error)}`);
  }
}

/** Frames that could not be read throw what their reading threw. */
function isUnreadable(error: unknown): boolean {
  return !isWsError(error) || error.code === "FRAME_UNKNOWN";
}
