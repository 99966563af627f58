import { createWorld, VirtualNetwork } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { AnswerAudit, ANSWER_MEETS_END } from "../src/venue/answer-audit.js";
import { BookHistory } from "../src/venue/book-history.js";
import { PhaseWatch } from "../src/venue/phase-watch.js";
import { OrderAudit } from "../src/venue/order-audit.js";
import { SubscriptionAudit } from "../src/venue/subscription-audit.js";
import { acceptUpgrade, OPCODES, serverFrame } from "../src/wire/frames.js";

const PORT = 8_080;
const ENDINGS = [{ text: "over", ends: (topic: string) => topic === "a" }];

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
  sayBytes: (bytes: Uint8Array) => void = () => undefined;
  destroy: () => void = () => undefined;
  /** The venue sends these bytes. */
  tell: (bytes: Uint8Array) => void = () => undefined;

  /** @param unanswered topics for which the venue has no answer */
  constructor(unanswered: ReadonlySet<string> = new Set()) {
    this.held = { name: "held", topic: "a", state: { snapshot: this.snapshot } };
    const record = { port: PORT, subscribed: () => this.venue, endings: ENDINGS };
    const group = { holds: [this.held], connections: () => [], unanswered, record };
    this.audit = new SubscriptionAudit(this.network, [group]);
    this.network.host("venue").listen(PORT, (socket) => {
      const one = { connection: this.venue.length + 1, topics: [] as string[] };
      this.tell = (bytes) => socket.write(bytes, () => undefined);
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
          this.sayBytes = (bytes) => socket.write(bytes, () => undefined);
          this.destroy = () => socket.destroy();
        },
      },
    );
  }

  say(text: string): void {
    this.sayBytes(Buffer.from(text));
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

  it("end with the venue's word, once the client has read all of it", async () => {
    const rig = new Rig();
    await rig.open();
    rig.tell(Buffer.from("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
    rig.say("a");
    await rig.pass();
    rig.snapshot.phase = "live";
    const word = serverFrame({ opcode: OPCODES.text, payload: Buffer.from("it is over now") });
    rig.tell(word.subarray(0, -2));
    await rig.pass();
    rig.audit.check();
    rig.tell(word.subarray(-2));
    await rig.pass();
    expect(() => rig.audit.check()).toThrow("live implies that the venue has it subscribed");
    rig.say("a");
    await rig.pass();
    rig.audit.check();
  });

  it("may be subscribed by a venue that was held up, long after it read", async () => {
    const rig = new Rig();
    await rig.open();
    rig.snapshot.phase = "live";
    expect(() => rig.audit.check()).toThrow("live implies that the venue has it subscribed");
    for (const line of rig.venue) line.topics = ["a"];
    rig.audit.check();
    rig.destroy();
    expect(() => rig.audit.check()).toThrow("live implies that the venue has it subscribed");
  });

  it("may be on their way to a venue that answers nothing, until it has read", async () => {
    const rig = new Rig(new Set(["a"]));
    await rig.open();
    rig.snapshot.phase = "live";
    expect(() => rig.audit.check()).toThrow("live implies that the venue has it subscribed");
    rig.say("b");
    rig.audit.check();
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

describe("answers to orders that the client has read", () => {
  const frame = (text: string) => serverFrame({ opcode: OPCODES.text, payload: Buffer.from(text) });
  const masked = (text: string) => {
    const bytes = frame(text);
    const head = Buffer.from([bytes.readUInt8(0), bytes.readUInt8(1) | 0x80, 0, 0, 0, 0]);
    return Buffer.concat([head, bytes.subarray(2)]);
  };

  async function play(outcome: "answered" | "fateUnknown", isWhole: boolean) {
    const rig = new Rig();
    const reached: string[] = [];
    let end: (kind: string) => void = () => undefined;
    const orders = new OrderAudit(
      {
        newClientId: () => "x",
        place: () =>
          new Promise((resolve) => {
            const resolution = Promise.resolve({ kind: "placed" });
            end = (kind) => resolve({ clientId: "x", kind, resolution } as never);
          }),
        clientIds: () => ["x"],
      },
      (name) => reached.push(name),
    );
    const answers = new AnswerAudit({
      network: rig.network,
      port: PORT,
      orderOf: ({ order }) => (typeof order === "string" ? order : undefined),
      answerOf: ({ id }) => ({ id, kind: "answered" }),
      delivered: (clientId, kind) => orders.delivered(clientId, kind),
      reach: (name) => reached.push(name),
    });
    answers.watch();
    await rig.pass();
    rig.say("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
    await rig.pass();
    rig.tell(Buffer.from(acceptUpgrade("key")));
    orders.place();
    rig.sayBytes(masked('{"id":7,"order":"x"}'));
    await rig.pass();
    const close = serverFrame({ opcode: OPCODES.close, payload: Buffer.alloc(0) });
    const answer = frame('{"id":7}');
    rig.tell(isWhole ? Buffer.concat([answer, close]) : answer.subarray(0, -1));
    await rig.pass();
    end(outcome);
    await rig.pass();
    return { reached, check: () => orders.checkEnd() };
  }

  it("end their calls, also with a close right behind", async () => {
    const answered = await play("answered", true);
    answered.check();
    expect(answered.reached).toContain(ANSWER_MEETS_END);
    const lost = await play("fateUnknown", true);
    expect(lost.check).toThrow("an answer that was read ends its call");
    // Of this one a byte did not come.
    (await play("fateUnknown", false)).check();
  });
});

describe("a state that is watched", () => {
  it("tells each change of its phase, and no other change", () => {
    const state = { snapshot: { phase: "subscribing", epoch: 0, gaps: 0 } };
    const watch = new PhaseWatch({ name: "held", state });
    const enter = (phase: string, gaps = 0) => {
      state.snapshot = { phase, epoch: 1, gaps };
      return watch.look();
    };
    expect([watch.look(), watch.look(), watch.phase]).toEqual([true, false, "subscribing"]);
    expect([enter("live"), enter("live", 1), watch.isLive]).toEqual([true, false, true]);
    expect([enter("recovering"), enter("live"), watch.look()]).toEqual([true, true, false]);
  });
});

describe("a book without update ids", () => {
  const level = (price: string) => ({ price, quantity: "1" });
  const book = (bid: string) => ({ bids: [level(bid)], asks: [level("9")] }) as never;

  it("is compared level by level, on both sides", () => {
    const history = new BookHistory();
    history.add({
      bids: [
        ["2", "1"],
        ["1", "1"],
      ],
      asks: [["9", "1"]],
    });
    expect(history.difference(book("2"))).toContain("no state");
    history.add({ bids: [["2", "1"]], asks: [["9", "2"]] });
    expect(history.difference(book("2"))).toContain("no state");
    history.add({ bids: [["2", "1"]], asks: [] });
    expect(history.difference(book("2"))).toContain("no state");
    history.add({ bids: [["2", "1.0"]], asks: [["9.00", "1"]] });
    expect(history.difference(book("2"))).toBeUndefined();
  });

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
