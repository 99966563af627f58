import { stack } from "@oath-ws/resilience";
import { accept, createWorld, MockConnector } from "@oath-ws/testing";
import type { MockPeer, World } from "@oath-ws/testing";
import type { JwtSigner } from "@oath-ws/venue-coinbase";
import type { VenueRuntime } from "@oath-ws/venue-kit";

const AT = "2026-01-01T00:00:00.000000000Z";

/** A signer whose tokens the virtual venue does not look at. */
export const SIGNER: JwtSigner = {
  algorithm: "EdDSA",
  keyName: "key",
  nonce: () => "nonce",
  sign: () => Promise.resolve(new Uint8Array(64)),
};

interface Request {
  readonly type: "subscribe" | "unsubscribe";
  readonly channel: string;
  readonly product_ids?: readonly string[];
}

/** A request as it arrived. */
export interface Arrived {
  readonly at: number;
  /** `subscribe ticker BTC-USD`. */
  readonly text: string;
}

/** One connection as the venue sees it. */
export class Seat {
  readonly peer: MockPeer;
  readonly requests: Arrived[] = [];
  readonly #venue: VirtualVenue;
  readonly #held = new Map<string, Set<string>>();
  #number = 0;

  constructor(peer: MockPeer, venue: VirtualVenue) {
    this.peer = peer;
    this.#venue = venue;
    peer.onFrame((frame) => {
      if (frame.kind === "text") this.#receive(new TextDecoder().decode(frame.data));
    });
    this.#beat();
  }

  /** Frames that never arrive. */
  lose(count: number): void {
    this.#number += count;
  }

  /** Loses the subscriptions of a product without a word. */
  forget(product: string): void {
    for (const held of this.#held.values()) held.delete(product);
  }

  say(channel: string, ...events: readonly unknown[]): void {
    const frame = { channel, timestamp: AT, sequence_num: this.#number++, events };
    if (this.peer.isOpen) this.peer.text(JSON.stringify(frame));
  }

  #beat(): void {
    if (!this.peer.isOpen) return;
    if (this.#venue.beats && this.#held.has("heartbeats"))
      this.say("heartbeats", { current_time: AT, heartbeat_counter: this.#number });
    this.#venue.world.timer.schedule(1_000, () => this.#beat());
  }

  #receive(text: string): void {
    const { type, channel, product_ids: ids = [channel] } = JSON.parse(text) as Request;
    const named = ids[0] === channel ? "" : ` ${ids.join()}`;
    this.requests.push({
      at: this.#venue.world.timer.now(),
      text: `${type} ${channel}${named}`,
    });
    const message = this.#venue.refuses(`${type} ${channel}${named}`);
    if (message !== undefined) {
      this.peer.text(JSON.stringify({ type: "error", message }));
      return;
    }
    const held = this.#held.get(channel) ?? new Set<string>();
    this.#held.set(channel, held);
    for (const id of ids) {
      if (type === "unsubscribe") {
        if (this.#venue.givesUp) held.delete(id);
      } else if (this.#venue.accepts(id)) {
        if (!held.has(id)) this.#snapshot(channel, id);
        held.add(id);
      }
    }
    if (!this.#venue.acknowledges(channel)) return;
    const sets = Array.from(this.#held, ([name, set]) => [name, Array.from(set)] as const);
    this.say("subscriptions", {
      subscriptions: Object.fromEntries(sets.filter(([, set]) => set.length > 0)),
    });
  }

  #snapshot(channel: string, id: string): void {
    if (channel === "level2") this.say("l2_data", book("snapshot", id));
    if (channel === "user") {
      for (const orders of this.#venue.batches) this.say("user", { type: "snapshot", orders });
      this.lose(this.#venue.losesAfterSnapshot);
    }
  }
}

/** An event of a book with one level on each side. */
export function book(type: "snapshot" | "update", product: string): object {
  const level = (side: string, price: string): object => ({
    side,
    event_time: AT,
    price_level: price,
    new_quantity: "1",
  });
  return { type, product_id: product, updates: [level("bid", "100"), level("offer", "101")] };
}

/**
 * A venue in virtual time that does what is recorded: snapshots before acknowledgements, the whole
 * set in each, no second snapshot.
 */
export class VirtualVenue {
  readonly world: World = createWorld({ seed: 1 });
  readonly leaf: MockConnector;
  readonly seats: Seat[] = [];
  /** Whether heartbeats are sent. */
  beats = true;
  /** The error for a request in words; `undefined`: it is carried out. */
  refuses: (text: string) => string | undefined = () => undefined;
  /** Whether requests for a channel are acknowledged. */
  acknowledges: (channel: string) => boolean = () => true;
  /** Whether unsubscriptions change anything. */
  givesUp = true;
  /** Whether a product is subscribed, or left out without a word. */
  accepts: (product: string) => boolean = () => true;
  /** Batches of the snapshot of the orders. */
  batches: readonly (readonly object[])[] = [[]];
  /** Frames that are lost between that snapshot and its acknowledgement. */
  losesAfterSnapshot = 0;

  constructor() {
    this.leaf = new MockConnector(this.world, {
      otherwise: accept({ onAccept: (peer) => void this.seats.push(new Seat(peer, this)) }),
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

  /** The newest connection. */
  get seat(): Seat {
    const seat = this.seats.at(-1);
    if (seat === undefined) throw new Error("there was no connection yet");
    return seat;
  }
}
