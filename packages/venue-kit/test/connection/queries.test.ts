import type { CancelSignal } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import { createWorld } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { Queries } from "../../src/connection/queries.js";

const sent = (): Promise<void> => Promise.resolve();
const never = (): Promise<void> => new Promise(() => undefined);
/** Waits in our own queue: it can be withdrawn. */
const queued = (signal: CancelSignal): Promise<void> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
/** The socket has it: what withdraws it learns that its fate is unknown. */
const handedOver = (signal: CancelSignal): Promise<void> =>
  new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(failure("SEND_FATE_UNKNOWN"))),
  );

function failure(code: string): WsError {
  return new WsError({ kind: "connection", code, message: code });
}

describe("questions of a connection", () => {
  it("settle every one: answered, refused, too late, not sent, or cut off", async () => {
    const world = createWorld();
    const queries = new Queries(world.timer, 1_000);
    const all = Promise.all([
      queries.ask(1, sent),
      queries.ask(2, sent),
      queries.ask(3, sent),
      queries.ask(4, () => Promise.reject(failure("NOT_CONNECTED"))),
      queries.ask(5, () => Promise.reject(failure("SEND_FATE_UNKNOWN"))),
      queries.ask(6, () => Promise.reject(failure("SOMETHING_NEW"))),
      queries.ask(7, queued),
      queries.ask(8, handedOver),
      queries.ask(9, never),
    ]);
    expect(queries.answer(1, "yes")).toBe(true);
    expect(queries.refuse(2, failure("NO"))).toBe(true);
    expect(queries.answer(99, "unknown")).toBe(false);
    await world.run(1_000);
    expect(queries.answer(3, "too late")).toBe(false);
    expect(await all).toMatchObject([
      { kind: "answered", answer: "yes" },
      { kind: "refused", error: { code: "NO" } },
      { kind: "fateUnknown", error: { kind: "timeout", code: "QUERY_TIMEOUT" } },
      { kind: "didNotLeave", error: { code: "NOT_CONNECTED" } },
      { kind: "fateUnknown", error: { code: "SEND_FATE_UNKNOWN" } },
      { kind: "fateUnknown", error: { code: "SOMETHING_NEW" } },
      { kind: "didNotLeave", error: { code: "QUERY_TIMEOUT" } },
      { kind: "fateUnknown", error: { code: "SEND_FATE_UNKNOWN" } },
      { kind: "fateUnknown", error: { code: "QUERY_TIMEOUT" } },
    ]);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("tell at the end of a connection which of them certainly did not leave", async () => {
    const world = createWorld();
    const queries = new Queries(world.timer, 1_000);
    const all = Promise.all([
      queries.ask(1, sent),
      queries.ask(2, queued),
      queries.ask(3, handedOver),
      queries.ask(4, never),
    ]);
    await world.settle();
    queries.end(() => true);
    await world.run(0);
    expect(await all).toMatchObject([
      { kind: "fateUnknown", error: { code: "ANSWER_LOST" } },
      { kind: "didNotLeave", error: { code: "EPOCH_ENDED" } },
      { kind: "fateUnknown", error: { code: "SEND_FATE_UNKNOWN" } },
      { kind: "fateUnknown", error: { code: "SEND_FATE_UNKNOWN", cause: { code: "EPOCH_ENDED" } } },
    ]);
    expect(queries.answer(1, "after the end")).toBe(false);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("give a late answer to a listener for it, once, and for as long as was said", async () => {
    const world = createWorld();
    const queries = new Queries(world.timer, 1_000);
    const told: unknown[] = [];
    const ask = (id: number): Promise<unknown> => {
      const run = cancelController();
      world.timer.schedule(100, () => run.abort(failure("CALL_TIMEOUT")));
      const late = { forMs: 500, tell: (answer: unknown) => void told.push(answer) };
      return queries.ask(id, sent, { signal: run.signal, late });
    };
    const all = Promise.all([ask(1), ask(2), ask(3), ask(4)]);
    await world.run(100);
    expect(await all).toMatchObject(
      Array.from({ length: 4 }, () => ({ kind: "fateUnknown", error: { code: "CALL_TIMEOUT" } })),
    );
    expect(queries.answer(1, "late")).toBe(true);
    expect(queries.answer(1, "again")).toBe(false);
    expect(queries.refuse(2, failure("NO"))).toBe(true);
    await world.run(500);
    expect(queries.answer(3, "much too late")).toBe(false);
    expect(told).toMatchObject([
      { kind: "answered", answer: "late" },
      { kind: "refused", error: { code: "NO" } },
    ]);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("that are calls wait at the end of a connection until its last frame was read", async () => {
    const world = createWorld();
    const queries = new Queries(world.timer, 1_000);
    const context = { signal: cancelController().signal };
    const late = { forMs: 60_000, tell: (answer: unknown) => void told.push(answer) };
    const told: unknown[] = [];
    const run = cancelController();
    const all = Promise.all([
      queries.ask(1, sent, context),
      queries.ask(2, sent, context),
      queries.ask(3, sent, context),
      queries.ask(4, queued, context),
      queries.ask(5, sent),
      queries.ask(6, sent, { signal: run.signal, late }),
      queries.ask(7, sent, { signal: run.signal, late }),
    ]);
    await world.settle();
    run.abort(failure("CALL_TIMEOUT"));
    queries.end(() => false);
    await world.run(0);
    const next = queries.ask(8, sent, context);
    queries.answerBehind(1, "yes");
    queries.answerBehind(8, "from the wrong connection");
    expect(queries.refuseBehind(2, failure("NO"))).toBe(true);
    expect(queries.refuseBehind(8, failure("NO"))).toBe(false);
    queries.answerBehind(6, "late");
    queries.caughtUp();
    expect(await all).toMatchObject([
      { kind: "answered", answer: "yes" },
      { kind: "refused", error: { code: "NO" } },
      { kind: "fateUnknown", error: { code: "ANSWER_LOST" } },
      { kind: "didNotLeave", error: { code: "EPOCH_ENDED" } },
      { kind: "fateUnknown", error: { code: "ANSWER_LOST" } },
      { kind: "fateUnknown", error: { code: "CALL_TIMEOUT" } },
      { kind: "fateUnknown", error: { code: "CALL_TIMEOUT" } },
    ]);
    expect(told).toMatchObject([{ kind: "answered", answer: "late" }]);
    queries.close();
    expect(await next).toMatchObject({ kind: "fateUnknown", error: { code: "ANSWER_LOST" } });
    expect(world.timer.pendingCount).toBe(0);
  });

  it("outlast a lost session if they are calls", async () => {
    const world = createWorld();
    const queries = new Queries(world.timer, 1_000);
    const login = queries.ask(1, sent);
    const call = queries.ask(2, sent, { signal: cancelController().signal });
    await world.settle();
    queries.endSession();
    expect(await login).toMatchObject({ kind: "fateUnknown", error: { code: "ANSWER_LOST" } });
    expect(queries.answer(2, "yes")).toBe(true);
    expect(await call).toEqual({ kind: "answered", answer: "yes" });
  });
});
