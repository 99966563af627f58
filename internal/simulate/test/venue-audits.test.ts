import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { BookHistory } from "../src/venue/book-history.js";
import { SubscriptionAudit } from "../src/venue/subscription-audit.js";

const PORT = 8_080;

/** A venue that subscribes what it reads, and a topic whose phase the test sets. */
class Rig {
  readonly world = createWorld({ seed: 1 });
  readonly network = new VirtualNetwork(this.world);
  readonly venue: { connection: number; topics: string[] }[] = [];
  readonly snapshot = { phase: "subscribing", epoch: 1, gaps: 0 };
  readonly held: {
    name: string;
    topic: string;
    state: { snapshot: Rig["snapshot"] };
    best?: object;
  };
  readonly audit: SubscriptionAudit;
  say: (text: string) => void = () => undefined;
  destroy: () => void = () => undefined;

  constructor() {
    this.held = { name: "held", topic: "a", state: { snapshot: this.snapshot } };
    const record = { port: PORT, subscribed: () => this.venue };
    const group = { holds: [this.held], connections: () => [], record };
    this.audit = new SubscriptionAudit(this.network, [group]);
    this.network.host("venue").listen(PORT, (socket) => {
      const one = { connection: this.venue.length + 1, topics: [] as string[] };
      socket.listen({
        data: (bytes) => {
          const text = Buffer.from(bytes).toString();
          // The upgrade.
          if (!this.venue.includes(one)) this.venue.push(one);
          else one.topics = text.startsWith("-") ? [] : [...one.topics, text];
        },
        ended: () => undefined,
        failed: () => undefined,
      });
    });
    this.network.host("client").dial(
      { host: "venue", port: PORT, isSecure: false },
      {
        resolved: () => undefined,
        failed: () => undefined,
        opened: (socket) => {
          socket.listen({ data: () => undefined, ended: () => undefined, failed: () => undefined });
          this.say = (text) => socket.write(Buffer.from(text), () => undefined);
          this.destroy = () => socket.destroy();
        },
      },
    );
  }

  async open(): Promise<void> {
    await this.pass();
    this.say("upgrade");
    await this.pass();
  }

  async pass(): Promise<void> {
    await this.world.run(100);
    this.audit.look();
  }
}

describe("topics that are live against the venue's record", () => {
  it("must have been subscribed on the connection that stands", async () => {
    const rig = new Rig();
    await rig.open();
    rig.audit.check();
    rig.snapshot.phase = "live";
    expect(() => rig.audit.check()).toThrow("live implies that the venue has it subscribed");
    rig.say("a");
    await rig.pass();
    rig.audit.check();
  });

  it("may be lost by the venue without a word, and not be given up by the client", async () => {
    const rig = new Rig();
    await rig.open();
    rig.say("a");
    await rig.pass();
    rig.snapshot.phase = "live";
    const [line] = rig.venue;
    if (line === undefined) throw new Error("nothing is connected");
    line.topics = [];
    rig.say("b");
    await rig.pass();
    rig.audit.check();
    line.topics = ["a"];
    rig.say("-");
    await rig.pass();
    expect(() => rig.audit.check()).toThrow("live implies that the venue has it subscribed");
  });

  it("are not live, and show no prices, when their connection has ended", async () => {
    const rig = new Rig();
    await rig.open();
    rig.say("a");
    await rig.pass();
    rig.held.best = {};
    rig.audit.check();
    rig.destroy();
    expect(() => rig.audit.check()).toThrow("a book shows nothing of a connection that has ended");
  });
});

describe("a book without update ids", () => {
  const level = (price: string) => ({ price, quantity: "1" });
  const book = (bid: string) => ({ bids: [level(bid)], asks: [level("9")] }) as never;

  it("is one of the venue's states, and none before the last one that it was", () => {
    const history = new BookHistory();
    for (const bid of ["1", "2.0", "3"]) history.add({ bids: [[bid, "1"]], asks: [["9", "1"]] });
    expect(history.difference(book("1"))).toBeUndefined();
    expect(history.difference(book("2"))).toBeUndefined();
    expect(history.difference(book("4"))).toContain("no state");
    expect(history.difference(book("1"))).toContain("no state");
    expect(history.difference(book("3"))).toBeUndefined();
  });
});
