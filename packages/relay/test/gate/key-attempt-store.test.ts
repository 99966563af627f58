import { createWorld } from "@oath-ws/testing";
import type { World } from "@oath-ws/testing";
import { elapsedTimer } from "@oath-ws/venue-kit";
import { StoreGate } from "oath-ws";
import { describe, expect, it } from "vitest";
import { KeyAttemptStore } from "../../src/gate/key-attempt-store.js";
import {
  FakeEngine,
  FakeServer,
} from "../../../../internal/simulate/src/relay/fake/fake-engine.js";

const REQUEST = { key: "venue:443", max: 4, windowMs: 10_000, proven: false, asked: false };

function members(world: World, count: number): { store: KeyAttemptStore; engine: FakeEngine }[] {
  const server = new FakeServer(world.timer);
  return Array.from({ length: count }, (_, index) => {
    const engine = new FakeEngine(server);
    const store = new KeyAttemptStore(engine, elapsedTimer(world.timer), `member-${index}`);
    return { store, engine };
  });
}

describe("the attempt gate over the key-value store", () => {
  it("grants three quarters of the window to members that race, the rest to proven ones", async () => {
    const world = createWorld();
    const all = members(world, 5);
    const answers = await world.complete(Promise.all(all.map(({ store }) => store.take(REQUEST))));
    expect(answers.filter(({ granted }) => granted)).toHaveLength(3);
    const refused = answers.find(({ granted }) => !granted);
    expect(refused?.retryInMs).toBeGreaterThan(9_900);
    expect(refused?.retryInMs).toBeLessThanOrEqual(10_000);
    const [one] = all;
    const proven = { ...REQUEST, proven: true };
    expect(await world.complete(one?.store.take(proven) ?? Promise.reject())).toMatchObject({
      granted: true,
      members: 5,
    });
    expect(await world.complete(one?.store.take(proven) ?? Promise.reject())).toMatchObject({
      granted: false,
    });
    await world.run(10_000);
    expect(await world.complete(one?.store.take(REQUEST) ?? Promise.reject())).toMatchObject({
      granted: true,
    });
  });

  it("tells all members of a block, and takes an attempt back", async () => {
    const world = createWorld();
    const [one, other] = members(world, 2);
    if (one === undefined || other === undefined) throw new Error("two members");
    await world.complete(one.store.block(REQUEST.key, 5_000));
    const answer = await world.complete(other.store.take(REQUEST));
    expect(answer.granted).toBe(false);
    expect(answer.blockedForMs).toBeGreaterThan(4_900);
    await world.run(5_000);
    for (let i = 0; i < 3; i++)
      expect((await world.complete(other.store.take(REQUEST))).granted).toBe(true);
    expect((await world.complete(one.store.take(REQUEST))).granted).toBe(false);
    await world.complete(other.store.giveBack(REQUEST));
    expect((await world.complete(one.store.take(REQUEST))).granted).toBe(true);
  });

  it("falls back to a share of the budget while the store is away", async () => {
    const world = createWorld();
    const all = members(world, 2);
    const limit = { max: 4, windowMs: 10_000 };
    const url = "wss://venue/";
    const gates = all.map(({ store }) => new StoreGate({ store, timer: world.timer }));
    const reserve = (gate: StoreGate): (() => boolean) => {
      const now = world.timer.now();
      const request = { url, limit, asked: false, provenUntil: Number.NEGATIVE_INFINITY, now };
      const ticket = gate.reserve(request, () => undefined);
      return () => gate.claim(ticket, world.timer.now());
    };
    const first = gates.map(reserve);
    await world.run(100);
    expect(first.map((claim) => claim())).toEqual([true, true]);
    await world.run(10_000);
    // The first to ask learns of the other when it asks again.
    const second = gates.map(reserve);
    await world.run(100);
    expect(second.map((claim) => claim())).toEqual([true, true]);
    await world.run(10_000);
    for (const { engine } of all) engine.cut();
    const away = gates.flatMap((gate) => [reserve(gate), reserve(gate)]);
    await world.run(2_100);
    // Two members and four attempts: each has two.
    expect(away.filter((claim) => claim())).toHaveLength(4);
    const more = gates.map(reserve);
    await world.run(2_100);
    expect(more.filter((claim) => claim())).toHaveLength(0);
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a list", "[]"],
    ["attempts that are no list", '{"attempts":"x","blockedUntil":0,"members":{}}'],
    ["an attempt without a time", '{"attempts":[[null,true]],"blockedUntil":0,"members":{}}'],
    ["an end of a block as text", '{"attempts":[],"blockedUntil":"0","members":{}}'],
    ["no members", '{"attempts":[],"blockedUntil":0,"members":null}'],
    ["a member without a time", '{"attempts":[],"blockedUntil":0,"members":{"a":"x"}}'],
  ])("tells of foreign contents of the store, and grants nothing by them: %s", async (_, text) => {
    const world = createWorld();
    const engine = new FakeEngine(new FakeServer(world.timer));
    const told: unknown[] = [];
    const elapsed = elapsedTimer(world.timer);
    const store = new KeyAttemptStore(engine, elapsed, "a", (error) => told.push(error));
    await world.complete(store.take(REQUEST));
    const get = engine.get.bind(engine);
    engine.get = async (key) => {
      const entry = await get(key);
      return entry && { ...entry, value: Buffer.from(text) };
    };
    const taken = world.complete(store.take(REQUEST));
    await expect(taken).rejects.toMatchObject({ code: "RELAY_FORMAT" });
    expect(told).toMatchObject([{ code: "RELAY_FORMAT" }]);
  });
});
