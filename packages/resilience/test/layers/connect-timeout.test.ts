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
