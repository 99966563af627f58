import { WsError } from "@oath-ws/contract";
import { createWorld } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { Queries } from "../../src/connection/queries.js";

it("settles every question: answered, refused, too late, not sent, or cut off", async () => {
  const world = createWorld();
  const queries = new Queries(world.timer, 1_000);
  const sent = (): Promise<void> => Promise.resolve();
  const refusal = new WsError({ kind: "client", code: "NO", message: "no" });
  const unsent = new WsError({ kind: "connection", code: "NOT_CONNECTED", message: "down" });
  const all = Promise.allSettled([
    queries.ask(1, sent),
    queries.ask(2, sent),
    queries.ask(3, sent),
    queries.ask(4, () => Promise.reject(unsent)),
    queries.ask(5, sent),
  ]);
  expect(queries.answer(1, "yes")).toBe(true);
  expect(queries.refuse(2, refusal)).toBe(true);
  expect(queries.answer(9, "unknown")).toBe(false);
  await world.run(1_000);
  expect(queries.answer(3, "too late")).toBe(false);
  const late = queries.ask(6, sent);
  queries.end();
  await expect(late).rejects.toMatchObject({ code: "EPOCH_ENDED" });
  expect(await all).toMatchObject([
    { value: "yes" },
    { reason: refusal },
    { reason: { kind: "timeout", code: "QUERY_TIMEOUT" } },
    { reason: unsent },
    { reason: { code: "QUERY_TIMEOUT" } },
  ]);
  expect(world.timer.pendingCount).toBe(0);
});
