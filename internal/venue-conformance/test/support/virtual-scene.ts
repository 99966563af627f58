import { createHash } from "node:crypto";
import { startBinanceSim, startCoinbaseSim, startIbkrSim } from "@oath-ws/sim";
import type { BinanceSim, CoinbaseSim, IbkrSim } from "@oath-ws/sim";
import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import type { VirtualHost, World } from "@oath-ws/testing";
import { BinanceMarket, BinanceTrading, BinanceUserData } from "@oath-ws/venue-binance";
import { ed25519Signer as binanceSigner } from "@oath-ws/venue-binance/node";
import { CoinbaseMarket, CoinbaseUser } from "@oath-ws/venue-coinbase";
import { ed25519Signer } from "@oath-ws/venue-coinbase/node";
import { IbkrClient, SessionKeeper } from "@oath-ws/venue-ibkr";
import { networkPlatform, networkRuntime } from "oath-ws/leaf";

/** Something of an adapter whose state is watched and whose events are counted. */
interface Held {
  readonly state: { readonly snapshot: { readonly phase: string } };
}

/** A venue's machine and a client's in virtual time; adapters and simulators are the real ones. */
export class Scene {
  readonly world: World;
  readonly network: VirtualNetwork;
  readonly client: VirtualHost;
  readonly venue: VirtualHost;
  readonly runtime: ReturnType<typeof networkRuntime>;
  /** Events read so far, by topic. */
  readonly counts = new Map<string, number>();
  readonly #held = new Map<string, Held>();
  readonly #ends: (() => Promise<void>)[] = [];
  readonly #hash = createHash("sha256");

  constructor(seed: number) {
    this.world = createWorld({ seed });
    this.network = new VirtualNetwork(this.world, { latencyMs: 8, jitterMs: 6, partialReads: 0.1 });
    this.client = this.network.host("client");
    this.venue = this.network.host("venue.test");
    const { timer } = this.client;
    this.runtime = networkRuntime({ ...this.world, network: this.client, timer });
    // Of a signed text only the length repeats: nonces of JSON Web Tokens are unpredictable.
    this.network.observe((event) =>
      this.#hash.update(
        JSON.stringify({ ...event, bytes: "bytes" in event ? event.bytes.length : undefined }),
      ),
    );
  }

  /** How a simulator is started here. */
  get place(): { readonly host: string; readonly platform: ReturnType<typeof networkPlatform> } {
    return { host: "venue.test", platform: networkPlatform(this.venue) };
  }

  /** SHA-256 of what happened on the network, payloads by their length. Once. */
  hash(): string {
    return this.#hash.digest("hex");
  }

  /** Notes what is to be ended, the last one first. */
  endWith(end: () => Promise<void>): void {
    this.#ends.unshift(end);
  }

  /** Counts the events of a subscription. */
  read(name: string, held: Held & AsyncIterable<unknown>): void {
    this.watch(name, held);
    this.counts.set(name, 0);
    void (async () => {
      for await (const _ of held) this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    })();
  }

  watch(name: string, held: Held): void {
    this.#held.set(name, held);
  }

  get isLive(): boolean {
    return [...this.#held.values()].every(({ state }) => state.snapshot.phase === "live");
  }

  /** The phase of everything that is not live. */
  get ailing(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#held]
        .map(([name, { state }]) => [name, state.snapshot.phase] as const)
        .filter(([, phase]) => phase !== "live"),
    );
  }

  /** Ends everything; what is left is listed. */
  async end(): Promise<Readonly<Record<string, number>>> {
    for (const end of this.#ends) await this.world.complete(end());
    return {
      clientTimers: this.client.timer.pendingCount,
      venueTimers: this.venue.timer.pendingCount,
      connections: this.network.connections.length,
      tasks: this.world.spawn.liveCount,
    };
  }
}

/** A venue on a scene: what can go wrong there, and its record. */
export interface VirtualVenueScene {
  readonly scene: Scene;
  readonly apply: (fault: object) => void;
}

export async function binance(seed: number): Promise<VirtualVenueScene & { sim: BinanceSim }> {
  const scene = new Scene(seed);
  const { runtime } = scene;
  const sim = await startBinanceSim({ ...scene.place, seed, market: { stepMs: 2_000 } });
  scene.endWith(() => sim.close());
  const { apiKey, privateKey } = sim.account();
  const credentials = { apiKey, sign: binanceSigner(privateKey ?? ""), recvWindow: 5_000 };
  const { url, restUrl } = sim;
  const market = new BinanceMarket({ runtime, url, restUrl });
  scene.endWith(() => market.shutdown());
  for (const name of ["btcusdt@trade", "ethusdt@bookTicker"] as const)
    scene.read(name, market.subscribe(name));
  scene.watch("book", market.book("BNBUSDT"));
  const userData = new BinanceUserData({ runtime, url, restUrl, credentials });
  scene.endWith(() => userData.shutdown());
  scene.watch("userData", userData);
  const trading = new BinanceTrading({ runtime, url, restUrl, credentials });
  scene.endWith(() => trading.shutdown());
  scene.watch("trading", trading);
  return { scene, sim, apply: (fault) => void sim.faults.apply(fault as never) };
}

export async function coinbase(seed: number): Promise<VirtualVenueScene & { sim: CoinbaseSim }> {
  const scene = new Scene(seed);
  const { runtime } = scene;
  const sim = await startCoinbaseSim({
    ...scene.place,
    seed,
    market: { stepMs: 2_000 },
    accounts: [{ algorithm: "EdDSA", orders: 3 }],
  });
  scene.endWith(() => sim.close());
  const { keyName, privateKey } = sim.account();
  const market = new CoinbaseMarket({ runtime, url: sim.url, restUrl: sim.restUrl });
  scene.endWith(() => market.shutdown());
  scene.read("trades", market.subscribe("market_trades:BTC-USD"));
  scene.watch("book", market.book("ETH-USD"));
  const signer = ed25519Signer({ keyName, privateKey: privateKey ?? "" });
  const user = new CoinbaseUser({ runtime, signer, url: sim.userUrl });
  scene.endWith(() => user.shutdown());
  scene.watch("user", user);
  return { scene, sim, apply: (fault) => void sim.faults.apply(fault as never) };
}

export async function ibkr(seed: number): Promise<VirtualVenueScene & { sim: IbkrSim }> {
  const scene = new Scene(seed);
  const { runtime } = scene;
  const sim = await startIbkrSim({ ...scene.place, seed, market: { stepMs: 2_000 } });
  scene.endWith(() => sim.close());
  const session = new SessionKeeper({ runtime, restUrl: sim.url });
  scene.endWith(() => session.shutdown());
  const client = new IbkrClient({ runtime, session, url: sim.wsUrl });
  scene.endWith(() => client.shutdown());
  for (const topic of ["smd+265598", "spl"] as const) scene.read(topic, client.subscribe(topic));
  return { scene, sim, apply: (fault) => void sim.faults.apply(fault as never) };
}
