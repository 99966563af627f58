import { describe, expect, it } from "vitest";
import { VirtualOrders } from "../support/virtual-orders.js";

describe("the account's orders", () => {
  it("are stale while a penalty box forbids to ask for the session, and live when it was", async () => {
    const { gateway } = new VirtualOrders();
    const { world, rest } = gateway;
    const { client, session } = gateway.open();
    const stream = client.orderStream();
    await world.runUntil(() => stream.state.snapshot.phase === "live", 60_000);
    await world.run(60_000);
    expect(stream.state.snapshot.phase).toBe("live");
    const known = rest.answer;
    rest.answer = () => ({ status: 429 });
    await world.runUntil(() => session.state.snapshot.penalties === 1, 120_000);
    rest.answer = known;
    await world.run(130_000);
    expect(stream.state.snapshot).toMatchObject({
      phase: "stale",
      cause: { code: "SESSION_UNCONFIRMED" },
    });
    await world.run(900_000);
    expect(session.state.snapshot.phase).toBe("ready");
    expect(stream.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    await world.complete(client.shutdown());
    await session.shutdown();
    await world.run(20_000);
    expect(world.timer.pendingCount).toBe(0);
  });
});
