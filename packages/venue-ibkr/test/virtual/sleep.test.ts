import { describe, expect, it } from "vitest";
import { ElapsedTimer } from "../../src/session/elapsed-timer.js";
import { VirtualGateway } from "../support/virtual-gateway.js";

const MINUTE = 60_000;
/** How soon after the machine woke up what is overdue is done. */
const SOON = 6_000;

describe("after the machine slept", () => {
  it.each([2, 5])(
    "for %i minutes the session is tickled and tic is said at once",
    async (minutes) => {
      const gateway = new VirtualGateway();
      const { client, session } = gateway.open();
      client.subscribe("smd+1");
      await gateway.world.run(61_000);
      const tickles = gateway.rest.times("/tickle").length;
      const tics = gateway.times("tic").length;
      gateway.world.timer.sleep(minutes * MINUTE);
      await gateway.world.run(SOON);
      expect(gateway.rest.times("/tickle").length).toBeGreaterThan(tickles);
      expect(gateway.times("tic").length).toBeGreaterThan(tics);
      await gateway.world.complete(client.shutdown());
      await session.shutdown();
    },
  );

  it("for eight minutes a line is renewed at once", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    client.subscribe("smd+1");
    await gateway.world.run(61_000);
    expect(gateway.times("smd+1")).toHaveLength(1);
    gateway.world.timer.sleep(8 * MINUTE);
    await gateway.world.run(SOON);
    expect(gateway.times("smd+1").length).toBeGreaterThan(1);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it("for longer than a line lives it is subscribed on a new connection, with a gap", async () => {
    const gateway = new VirtualGateway();
    // The transport's own judgement of a sleep is left out.
    const config = {
      liveness: { probeAfterMs: 3_000_000, staleAfterMs: 4_000_000, deadAfterMs: 5_000_000 },
    };
    const { client, session } = gateway.open({ config });
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(61_000);
    gateway.world.timer.sleep(11 * MINUTE);
    await gateway.world.run(2 * SOON);
    expect(gateway.leaf.dials).toHaveLength(2);
    expect(quotes.state.snapshot).toMatchObject({ recoveries: 1 });
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});

describe("elapsed time", () => {
  it("is the longer of both clocks, and a wall clock that is set back takes nothing away", async () => {
    const { world } = new VirtualGateway();
    const timer = new ElapsedTimer(world.timer);
    const fired: number[] = [];
    timer.schedule(60_000, () => fired.push(timer.now()));
    const cancel = timer.schedule(1_000, () => fired.push(-1));
    cancel();
    await world.run(10_000);
    world.timer.stepWall(-3_600_000);
    await world.run(10_000);
    expect([timer.now(), fired]).toEqual([20_000, []]);
    world.timer.sleep(35_000);
    expect(timer.now()).toBe(55_000);
    await world.run(4_999);
    expect(fired).toEqual([]);
    await world.run(1);
    expect(fired).toEqual([60_000]);
    expect(world.timer.pendingCount).toBe(0);
  });
});
