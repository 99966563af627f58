import { WsError } from "@oath-ws/contract";
import type { ErrorKind } from "@oath-ws/contract";
import { accept, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { codeOf, errorOf, watch } from "./support/outcome.js";
import { changed } from "./support/changed-leaf.js";
import { Rig } from "./support/rig.js";

const REASON = new Error("changed my mind");
const DOWN = { otherwise: refuse({ code: "ECONNREFUSED" }) };

describe("a send during a gap", () => {
  it("rejects at once by default, before the first connection and between two", async () => {
    const rig = new Rig({ script: [refuse({ status: 503 }), accept(), refuse({ status: 503 })] });
    const connection = await rig.start();
    const before = watch(connection.sink.send("a"));
    await rig.untilEpoch(connection, 1);
    rig.peer.reset();
    await rig.world.settle();
    const between = watch(connection.sink.send("b"));
    await rig.world.settle();
    expect([before, between].map(codeOf)).toEqual(["NOT_CONNECTED", "NOT_CONNECTED"]);
    await rig.untilEpoch(connection, 2);
    expect(rig.leaf.peers.flatMap(({ receivedTexts }) => receivedTexts)).toEqual([]);
  });

  it("that may wait leaves in the next epoch, in the order of the calls, after the listeners' login", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.leaf.enqueue(accept({ afterMs: 2_000 }));
    rig.peer.reset();
    await rig.world.settle();
    const waiting = ["1", "2", "3"].map((text) =>
      watch(connection.sink.send(text, { whileDown: "wait" })),
    );
    connection.lifecycle.subscribe(() => {
      if (connection.lifecycle.snapshot.phase === "resumed") watch(connection.sink.send("login"));
    });
    void (async () => {
      while (await connection.lifecycle.changed()) {
        if (connection.lifecycle.snapshot.phase === "resumed")
          watch(connection.sink.send("subscribe"));
      }
    })();
    await rig.untilEpoch(connection, 2);
    await rig.world.run(10);
    expect(waiting.map(codeOf)).toEqual(["resolved", "resolved", "resolved"]);
    const { receivedTexts } = rig.peer;
    expect(receivedTexts.slice(2)).toEqual(["1", "2", "3"]);
    expect(receivedTexts.slice(0, 2).toSorted()).toEqual(["login", "subscribe"]);
  });

  it("that may wait goes on waiting when the next connection is gone again before its turn", async () => {
    const rig = new Rig({
      script: [accept(), accept({ onAccept: (peer) => peer.reset() }), accept()],
    });
    const connection = await rig.up();
    rig.peer.reset();
    await rig.world.settle();
    const waiting = watch(connection.sink.send("patient", { whileDown: "wait" }));
    await rig.untilEpoch(connection, 3);
    await rig.world.run(10);
    expect(codeOf(waiting)).toBe("resolved");
    expect(rig.leaf.peers.map(({ receivedTexts }) => receivedTexts)).toEqual([[], [], ["patient"]]);
  });

  it.each([
    { deadlineMs: undefined, after: 10_000 },
    { deadlineMs: 1_500, after: 1_500 },
  ])(
    "that may wait gives up after its deadline ($deadlineMs) and leaves no trace",
    async ({ deadlineMs, after }) => {
      const rig = new Rig(DOWN);
      const connection = await rig.start();
      await rig.world.run(5_000);
      const waiting = watch(connection.sink.send("x", { whileDown: "wait", deadlineMs }));
      await rig.world.run(after - 1);
      expect(codeOf(waiting)).toBe("pending");
      await rig.world.run(1);
      expect(codeOf(waiting)).toBe("SEND_DEADLINE");
      rig.leaf.otherwise = accept();
      await rig.untilEpoch(connection, 1);
      await rig.world.run(10);
      expect(rig.peer.receivedTexts).toEqual([]);
    },
  );

  it("that may wait keeps to its deadline also behind the rate limit of the next connection", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 4_000, slackMs: 0 } } },
      script: [refuse({ status: 503 }), accept()],
    });
    const connection = await rig.start();
    const options = { whileDown: "wait", deadlineMs: 2_000 } as const;
    const sends = ["now", "too late"].map((text) => watch(connection.sink.send(text, options)));
    await rig.world.run(4_900);
    expect(sends.map(codeOf)).toEqual(["resolved", "SEND_DEADLINE"]);
    expect(rig.peer.receivedTexts).toEqual(["now"]);
  });

  it("that may wait is bounded by count and by bytes", async () => {
    const rig = new Rig({ ...DOWN, config: { send: { maxPending: 3, maxPendingBytes: 10 } } });
    const connection = await rig.start();
    const wait = { whileDown: "wait" } as const;
    const big = watch(connection.sink.send("x".repeat(11), wait));
    const sends = ["a", "b", "c", "d"].map((text) => watch(connection.sink.send(text, wait)));
    await rig.world.settle();
    expect([big, ...sends].map(codeOf)).toEqual([
      "FRAME_TOO_BIG",
      "pending",
      "pending",
      "pending",
      "SEND_QUEUE_FULL",
    ]);
    await rig.world.run(10_000);
    const later = watch(connection.sink.send("0123456789", wait));
    const tooMuch = watch(connection.sink.send(new Uint8Array(1), wait));
    await rig.world.settle();
    expect([later, tooMuch].map(codeOf)).toEqual(["pending", "SEND_QUEUE_FULL"]);
  });

  it("can be withdrawn by its signal, before and during the wait", async () => {
    const rig = new Rig(DOWN);
    const connection = await rig.start();
    const controller = new AbortController();
    const options = { whileDown: "wait", signal: controller.signal } as const;
    const waiting = watch(connection.sink.send("x", options));
    await rig.world.run(100);
    controller.abort(REASON);
    const late = watch(connection.sink.send("y", options));
    await rig.world.settle();
    expect([waiting.reason, late.reason]).toEqual([REASON, REASON]);
    rig.leaf.otherwise = accept();
    await rig.world.run(60_000);
    expect(rig.peer.receivedTexts).toEqual([]);
  });
});

describe("a send belongs to its epoch", () => {
  it("rejects when it waits for the rate limit as the epoch ends; nothing of it reaches the next", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 4_000, slackMs: 0 } } },
    });
    const connection = await rig.up();
    const sends = ["1", "2", "3"].map((text) => watch(connection.sink.send(text)));
    await rig.world.run(4_000);
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    await rig.world.run(60_000);
    expect(sends.map(codeOf)).toEqual(["resolved", "resolved", "EPOCH_ENDED"]);
    expect(errorOf(sends[2] ?? watch(Promise.resolve()))).toMatchObject({
      kind: "connection",
      epoch: 1,
    });
    expect(rig.leaf.peers.map(({ receivedTexts }) => receivedTexts)).toEqual([["1", "2"], []]);
  });

  it.each(["reset", "close", "force"] as const)(
    "in flight, rejects when the connection ends by %s, saying by its code that its fate " +
      "is unknown",
    async (end) => {
      const rig = new Rig();
      const connection = await rig.up();
      rig.peer.stopReading();
      const send = watch(connection.sink.send("order"));
      await rig.world.run(1_000);
      expect(codeOf(send)).toBe("pending");
      if (end === "reset") rig.peer.reset();
      else if (end === "close") rig.peer.close(1012);
      else connection.trigger.forceReconnect();
      await rig.untilEpoch(connection, 2);
      expect(errorOf(send)).toMatchObject({
        kind: "connection",
        code: "SEND_FATE_UNKNOWN",
        epoch: 1,
      });
      expect(rig.peer.receivedTexts).toEqual([]);
    },
  );

  it("when pinned: leaves in that epoch only", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    await rig.world.complete(connection.sink.send("in 1", { epoch: 1 }));
    const early = watch(connection.sink.send("too early", { epoch: 2 }));
    rig.leaf.enqueue(accept({ afterMs: 1_000 }));
    rig.peer.reset();
    await rig.world.settle();
    const gone = watch(connection.sink.send("gone", { epoch: 1, whileDown: "wait" }));
    await rig.untilEpoch(connection, 2);
    const late = watch(connection.sink.send("too late", { epoch: 1 }));
    await rig.world.complete(connection.sink.send("in 2", { epoch: 2 }));
    await rig.world.run(10_000);
    expect([early, gone, late].map(codeOf)).toEqual(["EPOCH_ENDED", "EPOCH_ENDED", "EPOCH_ENDED"]);
    expect([early, gone, late].map((send) => errorOf(send).epoch)).toEqual([2, 1, 1]);
    expect(rig.leaf.peers.map(({ receivedTexts }) => receivedTexts)).toEqual([["in 1"], ["in 2"]]);
  });

  it("when pinned and queued: rejects when a forced reconnect ends it", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 5_000, slackMs: 0 } } },
    });
    const connection = await rig.up();
    const sends = [1, 2].map((n) => watch(connection.sink.send(`${n}`, { epoch: 1 })));
    connection.trigger.forceReconnect();
    await rig.untilEpoch(connection, 2);
    await rig.world.run(10_000);
    expect(codeOf(sends[1] ?? watch(Promise.resolve()))).toBe("EPOCH_ENDED");
    expect(rig.peer.receivedTexts).toEqual([]);
  });
});

describe("a leaf's own word on a send", () => {
  const failing = (reason: unknown) => {
    const rig = new Rig({
      wrap: changed(() => ({ send: (_, outcome) => outcome.failed(reason) })),
    });
    return rig;
  };
  const leafError = (kind: ErrorKind, code: string, epoch?: number): WsError =>
    new WsError({ kind, code, message: "the leaf's word", epoch });

  it.each([
    ["SEND_FATE_UNKNOWN", leafError("connection", "SEND_FATE_UNKNOWN")],
    ["NOT_CONNECTED", leafError("connection", "NOT_CONNECTED")],
    ["EPOCH_ENDED", leafError("connection", "EPOCH_ENDED")],
    ["SEND_QUEUE_FULL", leafError("throttled", "SEND_QUEUE_FULL")],
    ["FRAME_INVALID", leafError("client", "FRAME_INVALID")],
    ["FRAME_INVALID", Object.freeze(leafError("client", "FRAME_INVALID"))],
    ["SEND_FATE_UNKNOWN", leafError("connection", "SEND_FATE_UNKNOWN", 77)],
  ])("is kept when it is %s, with the epoch", async (code, reason) => {
    const connection = await failing(reason).up();
    await expect(connection.sink.send("order")).rejects.toMatchObject({
      code,
      kind: reason.kind,
      epoch: 1,
    });
  });

  it.each(["ECONNRESET", "SOCKET_LOST", "PEER_CLOSED"])(
    "is no word on the frame when it is %s: its fate is unknown",
    async (code) => {
      const reason = leafError("connection", code);
      const connection = await failing(reason).up();
      const error = await watched(connection.sink.send("order"));
      expect(error).toMatchObject({ kind: "connection", code: "SEND_FATE_UNKNOWN", epoch: 1 });
      expect(error.cause).toBe(reason);
    },
  );

  it.each(["server", "timeout", "unknown"] as const)(
    "of kind %s is not taken for one either",
    async (kind) => {
      const connection = await failing(leafError(kind, "ODD")).up();
      expect(await watched(connection.sink.send("order"))).toMatchObject({
        code: "SEND_FATE_UNKNOWN",
        epoch: 1,
      });
    },
  );

  it.each(["reset", "force", "shutdown"])(
    "that never comes is not waited for when the connection ends by %s",
    async (end) => {
      const rig = new Rig({ wrap: changed(() => ({ send: () => undefined })) });
      const connection = await rig.up();
      const sending = watch(connection.sink.send("order"));
      await rig.world.settle();
      expect(codeOf(sending)).toBe("pending");
      if (end === "reset") rig.peer.reset();
      else if (end === "force") connection.trigger.forceReconnect();
      else void connection.control.shutdown();
      await rig.world.run(10_000);
      expect(errorOf(sending)).toMatchObject({
        kind: "connection",
        code: "SEND_FATE_UNKNOWN",
        epoch: 1,
      });
    },
  );

  it("that is no WsError is SEND_FAILED, with the epoch", async () => {
    const reason = new Error("bug in the leaf");
    const connection = await failing(reason).up();
    expect(await watched(connection.sink.send("order"))).toMatchObject({
      code: "SEND_FAILED",
      epoch: 1,
      cause: reason,
    });
  });

  async function watched(send: Promise<void>): Promise<WsError> {
    const outcome = watch(send);
    await send.catch(() => undefined);
    return errorOf(outcome);
  }
});

describe("the rate limit", () => {
  it("is not reset by a reconnect", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 2, windowMs: 4_000, slackMs: 0 } } },
    });
    const connection = await rig.up();
    const first = [1, 2].map((n) => watch(connection.sink.send(`${n}`)));
    await rig.world.settle();
    connection.trigger.forceReconnect();
    await rig.untilEpoch(connection, 2);
    const upAt = rig.now;
    const third = watch(connection.sink.send("3"));
    await rig.world.run(4_000 - upAt - 1);
    expect([...first, third].map(codeOf)).toEqual(["resolved", "resolved", "pending"]);
    await rig.world.run(1);
    expect(codeOf(third)).toBe("resolved");
  });

  it("lets a queued send be withdrawn, and the next one take its place", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 1_000, slackMs: 0 } } },
    });
    const connection = await rig.up();
    const controller = new AbortController();
    const sends = [
      watch(connection.sink.send("1")),
      watch(connection.sink.send("2", { signal: controller.signal })),
      watch(connection.sink.send("3")),
    ];
    await rig.world.run(500);
    controller.abort(REASON);
    await rig.world.run(500);
    expect(sends.map(({ state }) => state)).toEqual(["resolved", "rejected", "resolved"]);
    expect(sends[1]?.reason).toBe(REASON);
    expect(rig.peer.receivedTexts).toEqual(["1", "3"]);
  });
});

describe("what cannot be sent", () => {
  it("is refused before it counts for anything", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 1_000, slackMs: 0 }, maxPending: 1 } },
    });
    const { sink } = await rig.up();
    const bad = [
      sink.send({ kind: "close", code: 1000, data: new Uint8Array() }),
      sink.send({ kind: "ping", data: new Uint8Array(126) }),
      sink.send(42 as unknown as string),
      sink.send("x", { deadlineMs: Number.NaN }),
    ].map(watch);
    await rig.world.complete(sink.send("good"));
    expect(bad.map(codeOf)).toEqual(Array.from({ length: 4 }, () => "FRAME_INVALID"));
    expect(rig.peer.received).toHaveLength(1);
  });

  it("after sink.close(): nothing new; what was accepted settles; the source lives on; the code is kept", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 1_000, slackMs: 0 } } },
    });
    const connection = await rig.up();
    const accepted = ["1", "2"].map((text) => watch(connection.sink.send(text)));
    const closed = watch(connection.sink.close(4000, "done"));
    const refused = watch(connection.sink.send("3"));
    await rig.world.run(999);
    expect([...accepted, closed, refused].map(codeOf)).toEqual([
      "resolved",
      "pending",
      "pending",
      "SINK_CLOSED",
    ]);
    await rig.world.run(1);
    expect([...accepted, closed].map(codeOf)).toEqual(["resolved", "resolved", "resolved"]);
    rig.peer.text("still here");
    await rig.world.settle();
    expect(connection.source.take()?.text()).toBe("still here");
    const { peer } = rig;
    await rig.world.complete(connection.control.shutdown());
    expect(peer.closeFrameReceived).toEqual({ code: 4000, reason: "done" });
  });
});

describe("after the end", () => {
  it("every send that waits, is queued or is in flight has settled, and later ones reject", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 60_000, slackMs: 0 } } },
      mock: { answerClose: false },
    });
    const connection = await rig.start();
    const waited = watch(connection.sink.send("waits", { whileDown: "wait" }));
    await rig.untilEpoch(connection, 1);
    rig.peer.stopReading();
    await rig.world.run(10);
    const queued = watch(connection.sink.send("queued"));
    const closing = watch(connection.sink.close());
    await rig.world.complete(connection.control.shutdown());
    await rig.world.settle();
    // It was handed over when the peer did not read any more.
    expect(errorOf(waited)).toMatchObject({ code: "SEND_FATE_UNKNOWN", epoch: 1 });
    expect(codeOf(queued)).toBe("SHUT_DOWN");
    expect(closing.state).toBe("resolved");
    await expect(connection.sink.send("late", { whileDown: "wait" })).rejects.toMatchObject({
      code: "SHUT_DOWN",
    });
    rig.expectNothingLeft();
  });
});
