import { stack } from "@oath-ws/resilience";
import { accept, createWorld, MockConnector, refuse } from "@oath-ws/testing";
import type { MockPeer, World } from "@oath-ws/testing";
import { CoinbaseMarket, CoinbaseUser } from "@oath-ws/venue-coinbase";
import type { JwtSigner } from "@oath-ws/venue-coinbase";
import type { VenueRuntime } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";

const AT = "2026-01-01T00:00:00.000000000Z";

const SNAPSHOTS: Readonly<Record<string, object>> = {
  level2: {
    type: "snapshot",
    product_id: "BTC-USD",
    updates: [
      { side: "bid", event_time: AT, price_level: "100.00", new_quantity: "1" },
      { side: "offer", event_time: AT, price_level: "101.00", new_quantity: "1" },
    ],
  },
  user: {
    type: "snapshot",
    orders: [],
    positions: { perpetual_futures_positions: [], expiring_futures_positions: [] },
  },
};

const SIGNER: JwtSigner = {
  algorithm: "EdDSA",
  keyName: "key",
  nonce: () => "nonce",
  sign: () => Promise.resolve(new Uint8Array(64)),
};

type End = "reset" | "close";

/**
 * A venue whose connections send a snapshot and confirm it; one of them ends with that, in the same
 * turn, and none follows it.
 */
class EndingVenue {
  readonly world: World = createWorld({ seed: 1 });
  readonly leaf: MockConnector;
  connections = 0;
  readonly #lastConnection: number;
  readonly #end: End;

  constructor(lastConnection: number, end: End) {
    this.#lastConnection = lastConnection;
    this.#end = end;
    this.leaf = new MockConnector(this.world, {
      otherwise: accept({ onAccept: (peer) => this.#serve(peer) }),
    });
  }

  get runtime(): VenueRuntime {
    const { timer, spawn, random, newId } = this.world;
    return {
      timer,
      random,
      build: (settings) => stack({ leaf: this.leaf, timer, spawn, random, newId, ...settings }),
      fetch: () => Promise.reject(new TypeError("no REST here")),
    };
  }

  #serve(peer: MockPeer): void {
    const number = ++this.connections;
    const held: Record<string, readonly string[]> = {};
    let sequence = 0;
    const say = (channel: string, event: object): void => {
      const frame = {
        channel,
        client_id: "",
        timestamp: AT,
        sequence_num: sequence++,
        events: [event],
      };
      if (peer.isOpen) peer.text(JSON.stringify(frame));
    };
    const beat = (): void => {
      if (!peer.isOpen) return;
      if (held["heartbeats"] !== undefined)
        say("heartbeats", { current_time: AT, heartbeat_counter: sequence });
      this.world.timer.schedule(1_000, beat);
    };
    beat();
    peer.onFrame((frame) => {
      if (frame.kind !== "text") return;
      const request = JSON.parse(new TextDecoder().decode(frame.data)) as {
        channel: string;
        product_ids?: string[];
      };
      held[request.channel] = request.product_ids ?? [request.channel];
      const snapshot = SNAPSHOTS[request.channel];
      const channel = request.channel === "level2" ? "l2_data" : request.channel;
      if (snapshot !== undefined) say(channel, snapshot);
      say("subscriptions", { subscriptions: held });
      if (snapshot === undefined || number !== this.#lastConnection) return;
      this.leaf.otherwise = refuse({ status: 503 });
      if (this.#end === "reset") peer.reset();
      else peer.close(1001, "bye");
    });
  }
}

const CASES = [
  ["reset", 1, "subscribing"],
  ["close", 1, "subscribing"],
  ["reset", 2, "recovering"],
  ["close", 2, "recovering"],
] as const;

describe.each(CASES)(
  "a snapshot with whose confirmation the connection ends (%s, connection %i)",
  (end, connection, phase) => {
    it("makes no book live", async () => {
      const venue = new EndingVenue(connection, end);
      const market = new CoinbaseMarket({ runtime: venue.runtime });
      const book = market.book("BTC-USD");
      if (connection === 2) {
        await venue.world.runUntil(() => book.state.snapshot.phase === "live");
        venue.leaf.current?.reset();
      }
      await venue.world.run(300_000);
      expect(venue.connections).toBe(connection);
      expect([book.state.snapshot.phase, book.bids]).toEqual([phase, []]);
      await venue.world.complete(market.shutdown());
    });

    it("makes no account live", async () => {
      const venue = new EndingVenue(connection, end);
      const account = new CoinbaseUser({ runtime: venue.runtime, signer: SIGNER });
      if (connection === 2) {
        await venue.world.runUntil(() => account.state.snapshot.phase === "live");
        venue.leaf.current?.reset();
      }
      await venue.world.run(300_000);
      expect(venue.connections).toBe(connection);
      expect(account.state.snapshot.phase).toBe(phase);
      await venue.world.complete(account.shutdown());
    });
  },
);
