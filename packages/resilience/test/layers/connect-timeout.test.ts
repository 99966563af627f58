import { VirtualTimer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { connectTimeout } from "../../src/layers/connect-timeout.js";
import { textFrame } from "../support/bytes.js";
import { FakeConnection, FakeConnector, HANDSHAKE } from "../support/fake-connection.js";
import { FakeEvents } from "../support/fake-events.js";
import { FakeSignal } from "../support/fake-signal.js";
import { rejection, settle, watch } from "../support/outcome.js";

function set() {
  const timer = new VirtualTimer();
  const leaf = new FakeConnector();
  const events = new FakeEvents();
  return { timer, leaf, events, connector: connectTimeout(timer, 1_000)(leaf) };
}

describe("connectTimeout", () => {
  it("rejects at the deadline though the leaf ignores its signal, and tells the leaf", async () => {
    const { timer, leaf, events, connector } = set();
    const outcome = watch(connector.connect(HANDSHAKE, events));
    timer.advance(999);
    await settle();
    expect(outcome.state).toBe("pending");
    timer.advance(1);
    await settle();
    expect(outcome.reason).toMatchObject({ kind: "timeout", code: "CONNECT_TIMEOUT" });
    expect(leaf.lastDial.options?.signal?.reason).toBe(outcome.reason);
  });

  it("passes the events of a connection that opens in time on, in the same turn", () => {
    const { leaf, events, connector } = set();
    void connector.connect(HANDSHAKE, events);
    const connection = new FakeConnection();
    leaf.lastDial.succeed(connection);
    leaf.lastDial.events.read(3);
    leaf.lastDial.events.frame(textFrame("early"));
    leaf.lastDial.events.closed(1001, "");
    leaf.lastDial.events.ended(undefined);
    expect(events.told).toEqual([
      ["opened", connection],
      ["read", 3],
      ["frame", textFrame("early")],
      ["closed", 1001],
      ["ended", undefined],
    ]);
  });

  it("fails an attempt whose connector resolves without telling that it is open", async () => {
    const { leaf, events, connector } = set();
    const outcome = watch(connector.connect(HANDSHAKE, events));
    const connection = new FakeConnection();
    leaf.lastDial.resolveOnly(connection);
    await settle();
    expect(outcome.reason).toMatchObject({ code: "CONNECT_FAILED" });
    expect([connection.destroyCount, events.told]).toEqual([1, []]);
  });

  it("destroys a connection that comes too late, and swallows its events", async () => {
    const { timer, leaf, events, connector } = set();
    const outcome = watch(connector.connect(HANDSHAKE, events));
    timer.advance(1_000);
    const late = new FakeConnection();
    leaf.lastDial.succeed(late);
    await settle();
    expect([outcome.state, late.destroyCount]).toEqual(["rejected", 1]);
    leaf.lastDial.events.read(1);
    leaf.lastDial.events.frame(textFrame("late"));
    leaf.lastDial.events.closed(1000, "");
    leaf.lastDial.events.ended(undefined);
    expect(events.told).toEqual([]);
  });

  it("reads the sockets once more when our own loop was blocked past the deadline", async () => {
    const { timer, leaf, events, connector } = set();
    const outcome = watch(connector.connect(HANDSHAKE, events));
    const connection = new FakeConnection();
    timer.scheduleArrival(20, () => leaf.lastDial.succeed(connection));
    timer.stall(1_500);
    await settle();
    expect([outcome.state, connection.destroyCount]).toEqual(["resolved", 0]);
    expect([events.told, timer.pendingCount]).toEqual([[["opened", connection]], 0]);
  });

  it("gives a dial the time back in which our own loop was blocked, and fails then", async () => {
    const { timer, connector, events } = set();
    const outcome = watch(connector.connect(HANDSHAKE, events));
    timer.stall(1_500);
    timer.advance(899);
    await settle();
    expect(outcome.state).toBe("pending");
    timer.advance(1);
    await settle();
    expect(outcome.reason).toMatchObject({ kind: "timeout", code: "CONNECT_TIMEOUT" });
    expect(timer.pendingCount).toBe(0);
  });

  it("counts from when the call returns: an AuthSource may compute past the timeout", async () => {
    const { timer, leaf, events } = set();
    const blocking = connectTimeout(
      timer,
      1_000,
    )({
      connect: (...args) => {
        timer.block(5_000);
        return leaf.connect(...args);
      },
    });
    const outcome = watch(blocking.connect(HANDSHAKE, events));
    timer.advance(999);
    await settle();
    expect(outcome.state).toBe("pending");
    leaf.lastDial.succeed(new FakeConnection());
    await settle();
    expect([outcome.state, timer.pendingCount]).toEqual(["resolved", 0]);
  });

  it("arms no timer when the call itself opened the connection or was aborted in it", async () => {
    const { timer, leaf, events } = set();
    const signal = new FakeSignal();
    for (const act of [
      () => leaf.lastDial.succeed(new FakeConnection()),
      () => signal.abort("enough"),
    ]) {
      const connector = connectTimeout(
        timer,
        1_000,
      )({
        connect: (...args) => {
          const connecting = leaf.connect(...args);
          act();
          return connecting;
        },
      });
      const outcome = watch(connector.connect(HANDSHAKE, events, { signal }));
      await settle();
      expect(outcome.state).not.toBe("pending");
      expect([timer.pendingCount, signal.listenerCount]).toEqual([0, 0]);
    }
  });

  it("leaves no timer and no listener behind, however it ends", async () => {
    for (const end of ["succeed", "fail", "abort"] as const) {
      const { timer, leaf, events, connector } = set();
      const signal = new FakeSignal();
      const outcome = watch(connector.connect(HANDSHAKE, events, { signal }));
      if (end === "succeed") leaf.lastDial.succeed(new FakeConnection());
      else if (end === "fail") leaf.lastDial.fail(new Error("no"));
      else signal.abort("enough");
      await settle();
      expect(outcome.state).toBe(end === "succeed" ? "resolved" : "rejected");
      expect([timer.pendingCount, signal.listenerCount]).toEqual([0, 0]);
    }
  });

  it("rejects with the caller's own reason, also when it was aborted before", async () => {
    const { leaf, events, connector } = set();
    const signal = new FakeSignal();
    const during = connector.connect(HANDSHAKE, events, { signal });
    signal.abort("enough");
    expect(await rejection(during)).toBe("enough");
    expect(await rejection(connector.connect(HANDSHAKE, events, { signal }))).toBe("enough");
    expect(leaf.dials).toHaveLength(1);
  });

  it("wraps what a foreign leaf rejects with or throws", async () => {
    const { timer, leaf, events, connector } = set();
    const outcome = watch(connector.connect(HANDSHAKE, events));
    const cause = new Error("odd");
    leaf.lastDial.fail(cause);
    await settle();
    expect(outcome.reason).toMatchObject({ kind: "unknown", code: "CONNECT_FAILED", cause });
    const throwing = connectTimeout(
      timer,
      1_000,
    )({
      connect: () => {
        throw cause;
      },
    });
    expect(await rejection(throwing.connect(HANDSHAKE, events))).toMatchObject({
      code: "CONNECT_FAILED",
      cause,
    });
  });
});
