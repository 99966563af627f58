import { describe, expect, it } from "vitest";
import type { ClientOptions } from "ws";
import { refusal } from "../support/client.js";
import {
  connect,
  echo,
  follow,
  frames,
  greeted,
  rest,
  sim,
  socketErrors,
  tell,
} from "./with-sim.js";

const TOPIC = "smd+265598";

describe("faults of any venue", () => {
  it.each([1000, 1001, 1005])("close with %i", async (code) => {
    const venue = await sim();
    const client = await greeted(venue);
    venue.faults.closeConnections(code, code === 1005 ? "" : "why");
    expect(await client.ended).toMatchObject({ code, reason: code === 1005 ? "" : "why" });
    expect(venue.stats().faults).toMatchObject([{ fault: { kind: "close" }, connections: [1] }]);
  });

  it("reset, and cut: both are 1006 to the client", async () => {
    const venue = await sim();
    const [one, other] = [await greeted(venue), await greeted(venue)];
    const errors = [socketErrors(one), socketErrors(other)];
    venue.faults.dropConnections({ connection: 1 });
    expect((await one.ended).code).toBe(1006);
    expect(other.socket.readyState).toBe(other.socket.OPEN);
    venue.faults.cut();
    expect((await other.ended).code).toBe(1006);
    expect(errors).toEqual([["ECONNRESET"], []]);
  });

  it("half-open: nothing is heard or said any more, while new sockets are healthy", async () => {
    const venue = await sim({ wire: { heartbeatMs: 20 } });
    const client = await greeted(venue);
    venue.faults.halfOpen();
    const seen = client.messages.length;
    client.socket.send("tic");
    client.socket.ping();
    const healthy = await greeted(venue);
    await healthy.until(() => frames(healthy, "system").length >= 3);
    expect(client.messages.length).toBe(seen);
    expect(venue.stats()).toMatchObject({ open: 2, tics: 0, pingsReceived: 0 });
  });

  it("mute: no frames, heartbeats included, while pings are answered", async () => {
    const venue = await sim({ wire: { heartbeatMs: 10 } });
    const client = await greeted(venue);
    venue.faults.mute();
    const pong = new Promise<void>((resolve) => void client.socket.once("pong", () => resolve()));
    const before = client.messages.length;
    client.socket.ping();
    await pong;
    await venue.waitFor(({ framesWithheld }) => framesWithheld > 2);
    expect(client.messages.length).toBe(before);
    venue.faults.unmute();
    await client.until(() => client.messages.length > before);
  });

  it("stall and throttle: late, but whole", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    venue.faults.stall(50);
    venue.market.step(3);
    venue.faults.throttle(20_000);
    venue.market.step(3);
    await client.until(() => frames(client, TOPIC).length === 8);
    expect(venue.record.sent(1)[0]?.ranges).toEqual([{ first: 1, last: 6, events: 6 }]);
    const times = frames(client, TOPIC).map(({ _updated }) => _updated as number);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });

  it("lose, double and swap data frames, and lose answers", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    venue.faults.drop(1);
    venue.faults.reorder(1);
    venue.faults.duplicate(1);
    venue.market.step(4);
    await client.until(() => frames(client, TOPIC).length === 6);
    const sent = venue.record
      .sent(1)
      .flatMap(({ ranges }) => ranges.map(({ first, last }) => [first, last]));
    expect(sent).toEqual([
      [3, 3],
      [2, 2],
      [4, 4],
      [4, 4],
    ]);
    venue.faults.dropReplies(3);
    await tell(venue, client, "tic");
    await echo(client);
    expect(frames(client, "tic")).toHaveLength(1);
  });

  it("oversized, not UTF-8, in pieces", async () => {
    const venue = await sim({ wire: { opcode: "binary" } });
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    venue.faults.fragment(5);
    venue.market.step();
    await client.until(() => frames(client, TOPIC).length === 3);
    venue.faults.oversized(200_000);
    await client.until(() => client.raw.some((text) => text.length === 200_000));
    venue.faults.badUtf8();
    expect(await client.ended).toMatchObject({ code: 1006, error: "WS_ERR_INVALID_UTF8" });
  });

  it("an unanswered close frame", async () => {
    const venue = await sim();
    // Not in the type declarations of `ws` yet: how long it waits for the answer, in ms.
    const impatient: ClientOptions & { closeTimeout: number } = { closeTimeout: 30 };
    const [answered, unanswered] = [
      await greeted(venue, impatient),
      await greeted(venue, impatient),
    ];
    venue.faults.ignoreClose({ connection: 2 });
    for (const { socket } of [answered, unanswered]) socket.close(1000);
    expect([(await answered.ended).code, (await unanswered.ended).code]).toEqual([1000, 1006]);
  });

  it("refuse upgrades, and end accepted ones", async () => {
    const venue = await sim();
    venue.faults.refuse({ status: 503, count: 2, headers: { "Retry-After": "3" } });
    const refused = await refusal(venue.wsUrl);
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([503, "3"]);
    expect((await refusal(venue.wsUrl)).statusCode).toBe(503);
    venue.faults.acceptThenClose({ code: 1001 });
    expect((await (await connect(venue)).ended).code).toBe(1001);
    venue.faults.acceptThenClose();
    // The reset may come before the client has seen that it was accepted.
    await connect(venue).then(
      ({ ended }) => ended,
      () => {},
    );
    expect(venue.stats()).toMatchObject({ accepted: 2, refused: 2 });
    venue.faults.refuse({ status: 401, count: 5 });
    venue.faults.clear();
    await greeted(venue);
  });

  it("burst: so many frames at once for every client with a line", async () => {
    const venue = await sim();
    const [one, other] = [await greeted(venue), await greeted(venue)];
    await follow(one, 265_598, "31");
    expect(venue.faults.burst(500).connections).toEqual([1]);
    await one.until(() => frames(one, TOPIC).length === 502);
    await echo(other);
    expect(frames(other, TOPIC)).toEqual([]);
    expect(venue.faults.burst(5, { connection: 2 }).connections).toEqual([]);
  });

  it("happen by time, by frame and by frame of each connection", async () => {
    const venue = await sim({
      script: [
        { when: { kind: "time", afterMs: 1 }, fault: { kind: "penalty-box", forMs: 1 } },
        { when: { kind: "frame", number: 4 }, fault: { kind: "expire-topic" } },
        { when: { kind: "connection-frame", number: 7 }, fault: { kind: "cut" } },
      ],
    });
    await venue.waitFor(({ faults }) => faults.length === 1);
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    venue.market.step(3);
    await client.until(() => frames(client, TOPIC).length === 4);
    await follow(client, 265_598, "31");
    venue.market.step(3);
    expect((await client.ended).code).toBe(1006);
    // The seventh was on its way out when the connection was cut.
    expect(frames(client, TOPIC)).toHaveLength(6);
    expect(venue.stats().faults.map(({ fault, connections }) => [fault.kind, connections])).toEqual(
      [
        ["penalty-box", []],
        ["expire-topic", [1]],
        ["cut", [1]],
      ],
    );
  });
});

describe("faults of this venue", () => {
  it("one line dies without a word, or all", async () => {
    const venue = await sim({ wire: { heartbeatMs: 20 } });
    const client = await greeted(venue);
    for (const conid of [265_598, 8_314, 1]) await follow(client, conid, "31");
    venue.faults.expireTopic(TOPIC);
    expect(venue.stats().subscriptions[0]?.topics).toEqual(["smd+8314", "smd+1"]);
    venue.faults.expireTopic();
    expect(venue.stats().subscriptions[0]?.topics).toEqual([]);
    expect(venue.faults.expireTopic().connections).toEqual([]);
    venue.market.step();
    await client.until(() => frames(client, "system").length >= 3);
    expect(frames(client).filter(({ topic }) => topic?.startsWith("smd") === true)).toHaveLength(6);
  });

  it("a byte that is not UTF-8: fatal to the strict, a character to the lenient", async () => {
    const venue = await sim({ wire: { opcode: "text" } });
    const [strict, lenient] = [
      await greeted(venue),
      await greeted(venue, { skipUTF8Validation: true }),
    ];
    for (const client of [strict, lenient]) await follow(client, 265_598, "31");
    venue.faults.strayByte();
    venue.market.step(2);
    expect(await strict.ended).toMatchObject({ code: 1006, error: "WS_ERR_INVALID_UTF8" });
    await lenient.until(() => frames(lenient, TOPIC).length === 4);
    expect(frames(lenient, TOPIC)[2]).toMatchObject({ conid: 265_598, "7051": "STRAY \uFFFD" });
    expect(frames(lenient, TOPIC)[3]).not.toHaveProperty("7051");
  });

  it("a subscription that is refused so many times, and then works", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    venue.faults.refuseTopic("spl", 2);
    await tell(venue, client, "spl+{}", "sor+{}", "spl+{}", "spl+{}");
    expect(venue.stats().commands.map(({ outcome }) => outcome)).toEqual([
      "refused",
      "done",
      "refused",
      "done",
    ]);
    await client.until(() => frames(client, "spl").length === 3);
    expect(frames(client, "spl").slice(0, 2)).toEqual(
      [1, 2].map(() => ({ error: "unable to subscribe", code: 500, topic: "spl" })),
    );
  });

  it("a session that another one replaces: its socket beats, and brings nothing", async () => {
    const venue = await sim({ wire: { heartbeatMs: 20 } });
    const old = await greeted(venue);
    await follow(old, 265_598, "31");
    const { id } = venue.session;
    venue.faults.rollSession();
    expect(venue.session.id).not.toBe(id);
    expect((await rest(venue, "POST /tickle")).body["session"]).toBe(venue.session.id);
    const before = frames(old, TOPIC).length;
    venue.market.step(3);
    await tell(venue, old, "tic", "sor+{}");
    venue.account.placeOrder({ conid: 265_598, side: "BUY", quantity: 1, price: 1 });
    venue.bulletin("not for old sockets");
    const beats = frames(old, "system").length;
    await old.until(() => frames(old, "system").length > beats + 1);
    expect(frames(old, TOPIC)).toHaveLength(before);
    expect([frames(old, "tic").length, frames(old, "sor"), frames(old, "blt")]).toEqual([
      4,
      [],
      [],
    ]);
    expect(venue.stats().commands.at(-1)?.outcome).toBe("orphaned");
    const next = await greeted(venue);
    await follow(next, 265_598, "31");
  });

  it("an update without a contract and without data", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    venue.faults.emptyUpdate();
    await client.until(() => frames(client, TOPIC).length === 3);
    expect(Object.keys(frames(client, TOPIC)[2] ?? {})).toEqual(["_updated", "topic"]);
  });

  it.each(["text", "binary", "mixed"] as const)("opcodes: %s", async (opcode) => {
    const venue = await sim({ wire: { opcode } });
    const client = await connect(venue);
    const kinds: boolean[] = [];
    client.socket.on("message", (_data: unknown, isBinary: boolean) => kinds.push(isBinary));
    client.socket.send(JSON.stringify({ session: venue.session.id }));
    await client.until(() => frames(client, "sts").length === 1);
    await follow(client, 265_598, "31");
    const seen = new Set(kinds);
    expect(seen).toEqual(new Set(opcode === "mixed" ? [false, true] : [opcode === "binary"]));
  });

  it("pings that are not answered, by option", async () => {
    const venue = await sim({ wire: { answerPings: false } });
    const client = await greeted(venue);
    let pongs = 0;
    client.socket.on("pong", () => pongs++);
    client.socket.ping();
    await venue.waitFor(({ pingsReceived }) => pingsReceived === 1);
    await echo(client);
    expect(pongs).toBe(0);
  });

  it("of other venues, and those that make no sense, are refused", async () => {
    const venue = await sim();
    const { faults } = venue;
    expect(() => faults.apply({ kind: "gap" } as never)).toThrowError(
      /gap is no fault of this venue/,
    );
    expect(() => faults.apply({ kind: "nonsense" } as never)).toThrowError(/fault\.kind/);
    expect(() => faults.drop(0)).toThrowError(/fault\.count/);
    expect(() => faults.strayByte(0)).toThrowError(/fault\.count/);
    expect(() => faults.failRequests(200)).toThrowError(/fault\.status/);
    expect(() => faults.penaltyBox(-1)).toThrowError(/fault\.forMs/);
    expect(() => faults.expireTopic("")).toThrowError(/fault\.topic/);
    expect(() => faults.loseSession({ silent: 1 } as never)).toThrowError(/fault\.silent/);
    expect(() => faults.cut({ connection: 0 })).toThrowError(/target\.connection/);
    expect(() => faults.cut({ endpoint: "stream" } as never)).toThrowError(/target\.endpoint/);
    expect(() => faults.mute(5, { endpoint: "all" } as never)).toThrowError(/target\.endpoint/);
    expect(venue.stats().faults).toEqual([]);
  });
});

describe("a client that breaks rules", () => {
  it("reads too slowly and is reset", async () => {
    const venue = await sim({ limits: { maxPendingBytes: 10_000 } });
    const client = await greeted(venue);
    await follow(client, 265_598, "31");
    venue.faults.stall(1_000_000);
    venue.market.step(200);
    expect((await client.ended).code).toBe(1006);
    expect(venue.stats().disconnects.slowConsumer).toBe(1);
  });

  it("sends too much at once and is closed with 1009", async () => {
    const venue = await sim({ limits: { maxMessageBytes: 100 } });
    const client = await greeted(venue);
    client.socket.send("x".repeat(200));
    expect((await client.ended).code).toBe(1009);
    expect(venue.stats().protocolErrors).toBe(1);
  });
});
