import { WsError } from "@oath-ws/contract";
import { createWorld } from "@oath-ws/testing";
import type { World } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { OrderCalls, TopicWatch } from "@oath-ws/venue-kit";
import type {
  CallOutcome,
  LateAnswers,
  OrderCall,
  OrderCallsOptions,
  OrderFinding,
} from "@oath-ws/venue-kit";

type Finding = OrderFinding<string>;

function failure(code: string, retryAfterMs?: number): WsError {
  return new WsError({ kind: "server", code, message: code, retryAfterMs });
}

const UNKNOWN: CallOutcome<string> = { kind: "fateUnknown", error: failure("CALL_TIMEOUT") };

/** One order in virtual time, whose call ends as unknown and whose questions a test answers. */
function rig(options: Partial<OrderCallsOptions> = {}) {
  const world: World = createWorld();
  const faults: string[] = [];
  const asked: number[] = [];
  const { timer, random } = world;
  const calls = new OrderCalls({
    timer,
    random,
    onFault: ({ code }) => faults.push(code),
    ...options,
  });
  let late: LateAnswers | undefined;
  const order = (
    ask: (at: number) => Finding | WsError,
    deadline?: number,
  ): OrderCall<string, string> => ({
    clientId: "c1",
    send: (given) => {
      late = given;
      return Promise.resolve(UNKNOWN);
    },
    read: (answer) =>
      answer.kind === "answered"
        ? { kind: "placed", order: String(answer.answer) }
        : { kind: "refused", error: answer.error },
    ask: () => {
      asked.push(timer.now());
      const found = ask(timer.now());
      return found instanceof WsError ? Promise.reject(found) : Promise.resolve(found);
    },
    deadline: () => deadline,
  });
  const place = async (call: OrderCall<string, string>) => {
    const outcome = await calls.place(call);
    if (outcome.kind !== "fateUnknown") throw new Error(`the call ended as ${outcome.kind}`);
    return outcome.resolution;
  };
  const resolutionOf = (call: OrderCall<string, string>) => world.complete(place(call));
  return { world, calls, faults, asked, order, place, resolutionOf, late: () => late };
}

const NOT_FOUND: Finding = { kind: "notFound" };

describe("an order of unknown fate", () => {
  it("is asked for at once, and placed when it is found", async () => {
    const { resolutionOf, order, asked } = rig();
    const found: Finding = { kind: "placed", order: "o1" };
    expect(await resolutionOf(order((at) => (at >= 3_000 ? found : NOT_FOUND)))).toEqual(found);
    expect(asked[0]).toBe(0);
    expect(asked.length).toBeLessThan(8);
  });

  it("is not given up for not being found before the venue takes it no more", async () => {
    const { resolutionOf, order, asked, world } = rig();
    const start = world.timer.wallNow();
    const ask = (at: number): Finding => ({ kind: "notFound", asOf: start + at });
    expect(await resolutionOf(order(ask, start + 5_000))).toEqual({ kind: "notPlaced" });
    expect(asked.filter((at) => at > 5_000)).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(3);
  });

  it.each<[string, Finding, number | undefined]>([
    ["the venue's clock is not known", NOT_FOUND, 1],
    ["the venue takes late requests", { kind: "notFound", asOf: 1e15 }, undefined],
  ])("stays unknown when %s, told at the bound", async (_, finding, deadline) => {
    const { resolutionOf, order, world, faults } = rig({ fateBoundMs: 30_000 });
    expect(await resolutionOf(order(() => finding, deadline))).toMatchObject({
      kind: "stillUnknown",
      error: { code: "FATE_STILL_UNKNOWN" },
    });
    expect(world.timer.now()).toBe(30_000);
    expect(faults).toEqual(["FATE_STILL_UNKNOWN"]);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("is decided by the account's stream, before and after its call has ended", async () => {
    const { calls, order, place, world } = rig();
    const pending = place(order(() => NOT_FOUND));
    await world.run(700);
    calls.report("other", { kind: "placed", order: "not mine" });
    calls.report("c1", { kind: "placed", order: "o7" });
    expect(await world.complete(pending)).toEqual({ kind: "placed", order: "o7" });
    const early = order(() => NOT_FOUND);
    const heard = place({
      ...early,
      send: (late) => {
        calls.report("c1", { kind: "placed", order: "o8" });
        return early.send(late);
      },
    });
    expect(await world.complete(heard)).toEqual({ kind: "placed", order: "o8" });
    expect(world.timer.now()).toBe(700);
  });

  it.each<[Parameters<LateAnswers["tell"]>[0], object]>([
    [
      { kind: "answered", answer: "o3" },
      { kind: "placed", order: "o3" },
    ],
    [
      { kind: "refused", error: failure("NO_MONEY") },
      { kind: "refused", error: { code: "NO_MONEY" } },
    ],
  ])("is decided by the venue's late answer", async (answer, fate) => {
    const { order, place, world, late } = rig();
    const pending = place(order(() => NOT_FOUND));
    await world.run(900);
    late()?.tell(answer);
    expect(await world.complete(pending)).toMatchObject(fate);
  });

  it("is asked for again after questions that failed, and no sooner than the venue says", async () => {
    const { resolutionOf, order, asked, faults } = rig();
    let asks = 0;
    const fate = await resolutionOf(
      order(() => (asks++ === 0 ? failure("TOO_FAST", 20_000) : { kind: "placed", order: "o1" })),
    );
    expect(fate.kind).toBe("placed");
    expect(asked[1]).toBeGreaterThanOrEqual(20_000);
    expect(faults).toEqual(["TOO_FAST"]);
  });

  it("of a question that hangs ends at the bound, with the last error as cause", async () => {
    const { order, place, world } = rig({ fateBoundMs: 5_000 });
    let asks = 0;
    const base = order(() => NOT_FOUND);
    const pending = place({
      ...base,
      ask: () =>
        asks++ === 0 ? Promise.reject(failure("DOWN")) : new Promise<never>(() => undefined),
    });
    expect(await world.complete(pending)).toMatchObject({
      kind: "stillUnknown",
      error: { cause: { code: "DOWN" } },
    });
    expect(world.timer.pendingCount).toBe(0);
  });

  it("ends as unknown at once when the adapter is shut down", async () => {
    const { calls, order, place, world } = rig();
    const pending = place(order(() => NOT_FOUND));
    await world.run(100);
    calls.close();
    expect((await world.complete(pending)).kind).toBe("stillUnknown");
    expect(await world.complete(calls.place(order(() => NOT_FOUND)))).toMatchObject({
      kind: "didNotLeave",
      error: { code: "SHUT_DOWN" },
    });
    expect(world.timer.pendingCount).toBe(0);
  });
});

describe("an order that is refused here", () => {
  it("while another one has its id", async () => {
    const { calls, order, place, world } = rig();
    const first = place(order(() => NOT_FOUND));
    await world.run(100);
    expect(await world.complete(calls.place(order(() => NOT_FOUND)))).toMatchObject({
      kind: "didNotLeave",
      clientId: "c1",
      error: { code: "CLIENT_ID_IN_USE" },
    });
    const joined = calls.resolve(order(() => NOT_FOUND));
    calls.report("c1", { kind: "placed", order: "o1" });
    expect(await world.complete(first)).toEqual({ kind: "placed", order: "o1" });
    expect(await world.complete(joined)).toEqual({ kind: "placed", order: "o1" });
    const again = place(order(() => ({ kind: "placed", order: "o2" })));
    expect(await world.complete(again)).toEqual({ kind: "placed", order: "o2" });
  });

  it("while the account recovers, if that was asked for", async () => {
    const watch = new TopicWatch(() => 0);
    const { calls, order, world, place } = rig({ refuseUnlessLive: watch });
    const found = order(() => ({ kind: "placed", order: "o1" }));
    for (const phase of ["subscribing", "recovering", "stale"] as const) {
      watch.enter(phase);
      expect(await world.complete(calls.place(found))).toMatchObject({
        kind: "didNotLeave",
        error: { code: "ACCOUNT_RECOVERING" },
      });
    }
    watch.enter("live");
    expect((await world.complete(place(found))).kind).toBe("placed");
  });
});
