import { stack, TABLES } from "@oath-ws/resilience";
import type { TableStep } from "@oath-ws/resilience";
import { createWorld, MockConnector, refuse } from "@oath-ws/testing";
import { expect, it } from "vitest";

it("the stack tells an observer every step of the tables, those that change nothing too", async () => {
  const world = createWorld();
  const leaf = new MockConnector(world);
  const { timer, spawn, random, newId } = world;
  const steps: TableStep[] = [];
  const onStep = (step: TableStep): void => void steps.push(step);
  const config = { failover: { returnAfterMs: 5_000 } };
  const connector = stack({ leaf, timer, spawn, random, newId, onStep, config });
  leaf.enqueue(refuse({ status: 503 }));
  const url = ["wss://a.venue.test/", "wss://b.venue.test/"];
  const dialled = connector.connect({ url, protocols: [], headers: {} });
  const connection = await world.complete(dialled);
  connection.trigger.forceReconnect("once");
  connection.trigger.forceReconnect("twice");
  await world.run(20_000);
  await world.complete(connection.control.shutdown());
  const told = steps.map(({ table, state, input }) => `${table} ${state} ${input}`);
  expect(told.slice(0, 4)).toEqual([
    "supervisor idle start",
    "supervisor gated due",
    "supervisor dialing next",
    "supervisor gated due",
  ]);
  expect(told).toContain("supervisor reserving force");
  expect(told).toContain("trial dialing opened");
  expect(told.at(-1)).toMatch(/^supervisor closing (gone|due)$/);
  for (const { table, state, input } of steps) expect(TABLES[table][state]).toHaveProperty(input);
});
