import { describe, expect, it } from "vitest";
import { VirtualGateway } from "../support/virtual-gateway.js";

const MINUTE = 60_000;
/** How soon after the machine woke up what is overdue is done. */
const SOON = 2_000;

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
