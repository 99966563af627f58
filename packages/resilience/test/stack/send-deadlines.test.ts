import { accept, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { FakeSignal } from "../support/fake-signal.js";
import { codeOf, errorOf, watch } from "./support/outcome.js";
import { Rig } from "./support/rig.js";

const REASON = new Error("changed my mind");
const HOURS_8 = 8 * 3_600_000;
const SLOW = { send: { rateLimit: { max: 1, windowMs: 4_000 } } };

describe("deadlineMs", () => {
  it("holds while up, behind the rate limit: the frame certainly did not leave", async () => {
    const rig = new Rig({ config: SLOW });
    const connection = await rig.up();
    await rig.world.complete(connection.sink.send("first"));
    const order = watch(connection.sink.send("order", { deadlineMs: 200 }));
    const patient = watch(connection.sink.send("patient"));
    await rig.world.run(199);
    expect(codeOf(order)).toBe("pending");
    await rig.world.run(1);
    expect(errorOf(order)).toMatchObject({ kind: "timeout", code: "SEND_DEADLINE" });
    await rig.world.run(4_000);
    expect(codeOf(patient)).toBe("resolved");
    expect(rig.leaf.peers[0]?.receivedTexts).toEqual(["first", "patient"]);
  });

  it("holds after the hand-over: the fate is unknown, a late word is ignored", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.stopReading();
    const order = watch(connection.sink.send("order", { deadlineMs: 300 }));
    await rig.world.run(300);
    const error = errorOf(order);
    expect(error).toMatchObject({ kind: "connection", code: "SEND_FATE_UNKNOWN", epoch: 1 });
    expect(error.cause).toMatchObject({ kind: "timeout", code: "SEND_DEADLINE" });
    rig.peer.resumeReading();
    await rig.world.settle();
    expect(rig.peer.receivedTexts).toEqual(["order"]);
    expect(connection.sink).toMatchObject({ unsettled: 0, unsettledBytes: 0 });
  });

  it("is none for a send made while up unless given", async () => {
    const rig = new Rig({ config: SLOW });
    const connection = await rig.up();
    const sends = ["1", "2", "3"].map((text) => watch(connection.sink.send(text)));
    await rig.world.run(4_200);
    expect(sends.map(codeOf)).toEqual(["resolved", "resolved", "pending"]);
  });

  it.each([
    { what: "waits for a connection", up: false },
    { what: "waits for the rate limit", up: true },
  ])("counts the sleep of the machine for a send that $what", async ({ up }) => {
    const rig = new Rig({
      config: SLOW,
      script: up ? [accept()] : [accept(), refuse({ status: 503 }), accept()],
    });
    const connection = await rig.up();
    await rig.world.complete(connection.sink.send("first"));
    if (!up) rig.peer.reset();
    await rig.world.settle();
    const order = watch(connection.sink.send("order", { whileDown: "wait", deadlineMs: 2_000 }));
    await rig.world.run(200);
    rig.world.timer.sleep(HOURS_8);
    await rig.world.run(60_000);
    expect(codeOf(order)).toBe("SEND_DEADLINE");
    expect(rig.leaf.peers.flatMap(({ receivedTexts }) => receivedTexts)).toEqual(["first"]);
  });

  it("is not cut short by a wall clock that is set back, nor lengthened", async () => {
    const rig = new Rig({ config: SLOW });
    const connection = await rig.up();
    await rig.world.complete(connection.sink.send("first"));
    const order = watch(connection.sink.send("order", { deadlineMs: 2_000 }));
    rig.world.timer.stepWall(-3_600_000);
    await rig.world.run(1_999);
    expect(codeOf(order)).toBe("pending");
    await rig.world.run(1);
    expect(codeOf(order)).toBe("SEND_DEADLINE");
  });

  it("costs no turn per send: one timer serves sends that settle in time", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const before = rig.world.timer.pendingCount;
    for (let i = 0; i < 50; i++) {
      await rig.world.complete(connection.sink.send("x", { deadlineMs: 1_000 }));
      await rig.world.run(10);
    }
    expect(rig.world.timer.pendingCount).toBeLessThanOrEqual(before + 1);
  });
});

describe("the signal of a send that was handed over", () => {
  it("ends the wait: the fate is unknown, and the signal's reason is the cause", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const controller = new AbortController();
    rig.peer.stopReading();
    const send = watch(connection.sink.send("gone", { signal: controller.signal }));
    await rig.world.settle();
    controller.abort(REASON);
    await rig.world.settle();
    const error = errorOf(send);
    expect(error).toMatchObject({ kind: "connection", code: "SEND_FATE_UNKNOWN", epoch: 1 });
    expect(error.cause).toBe(REASON);
    rig.peer.resumeReading();
    await rig.world.settle();
    expect(rig.peer.receivedTexts).toEqual(["gone"]);
  });

  it("frees no room: what the socket holds counts for the limits until it left", async () => {
    const rig = new Rig({ config: { send: { maxPending: 2 } } });
    const connection = await rig.up();
    rig.peer.stopReading();
    const controller = new AbortController();
    const { signal } = controller;
    const sends = ["1", "2"].map((text) => watch(connection.sink.send(text, { signal })));
    controller.abort(REASON);
    const refused = watch(connection.sink.send("3"));
    const closed = watch(connection.sink.close());
    await rig.world.settle();
    expect([...sends, refused, closed].map(codeOf)).toEqual([
      "SEND_FATE_UNKNOWN",
      "SEND_FATE_UNKNOWN",
      "SEND_QUEUE_FULL",
      "resolved",
    ]);
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    expect(connection.sink).toMatchObject({ unsettled: 0, unsettledBytes: 0 });
  });

  it("is listened to once for all its sends, and let go when they are settled", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const signal = new FakeSignal();
    rig.peer.stopReading();
    const sends = Array.from({ length: 100 }, () => watch(connection.sink.send("x", { signal })));
    expect(signal.listenerCount).toBe(1);
    rig.peer.resumeReading();
    await rig.world.settle();
    expect(sends.every(({ state }) => state === "resolved")).toBe(true);
    expect(signal.listenerCount).toBe(0);
  });
});

describe("what is unsettled", () => {
  it("is counted, with bytes and the age of the oldest", async () => {
    const rig = new Rig({ config: SLOW });
    const connection = await rig.up();
    expect(connection.sink).toMatchObject({ unsettled: 0, oldestUnsettledAt: undefined });
    await rig.world.run(70);
    rig.peer.stopReading();
    void watch(connection.sink.send("1234"));
    await rig.world.run(1_000);
    void watch(connection.sink.send("56"));
    await rig.world.settle();
    const at = { unsettled: 2, unsettledBytes: 6, oldestUnsettledAt: 70 };
    expect(connection.sink).toMatchObject(at);
    rig.peer.resumeReading();
    await rig.world.settle();
    const rest = { unsettled: 1, unsettledBytes: 2, oldestUnsettledAt: 1_070 };
    expect(connection.sink).toMatchObject(rest);
  });
});

describe("a single frame that can never be sent", () => {
  it.each(["up", "down"])("is refused as such while %s, not as a full queue", async (state) => {
    const rig = new Rig({ script: state === "up" ? [] : [refuse({ status: 503 })] });
    const connection = await rig.start();
    if (state === "up") await rig.untilEpoch(connection, 1);
    const send = watch(connection.sink.send(new Uint8Array(17 * 1024 * 1024)));
    await rig.world.settle();
    expect(errorOf(send)).toMatchObject({ kind: "client", code: "FRAME_TOO_BIG" });
  });
});
