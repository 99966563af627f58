import { describe, expect, it } from "vitest";
import { VirtualGateway } from "../support/virtual-gateway.js";

describe("a session that /tickle names otherwise", () => {
  it("while the old socket beats and brings nothing has the socket replaced with the new one", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(90_000);
    expect(quotes.state.snapshot.phase).toBe("live");
    gateway.snapshots = false;
    gateway.rest.sessionId = "s2";
    await gateway.world.runUntil(() => gateway.leaf.dials.length === 2, 70_000);
    expect(gateway.leaf.dials.at(-1)?.handshake.headers["Cookie"]).toContain("s2");
    expect(quotes.state.snapshot).toMatchObject({ phase: "recovering", recoveries: 1 });
    gateway.snapshots = true;
    await gateway.world.run(25_000);
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", gaps: 1 });
    expect(session.state.snapshot).toMatchObject({ phase: "ready", identities: 2 });
    await gateway.world.run(3_600_000);
    expect(gateway.leaf.dials).toHaveLength(2);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it("costs no connection if the venue confirms it on the same socket", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(90_000);
    gateway.rest.status = { authenticated: false };
    gateway.say({ topic: "sts", args: { authenticated: false } });
    await gateway.world.run(1_000);
    gateway.rest.sessionId = "s2";
    gateway.rest.status = { authenticated: true };
    gateway.say({ topic: "sts", args: { authenticated: true } });
    await gateway.world.run(3_600_000);
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", recoveries: 1 });
    expect(session.state.snapshot.identities).toBe(2);
    expect(gateway.leaf.dials).toHaveLength(1);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it("with every answer costs ever fewer connections", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    client.subscribe("smd+1");
    let ids = 0;
    gateway.rest.answer = ({ path }) => {
      if (path === "/tickle") gateway.rest.sessionId = `s${++ids}`;
      return undefined;
    };
    await gateway.world.run(4 * 3_600_000);
    expect(gateway.leaf.dials.length).toBeGreaterThan(3);
    expect(gateway.leaf.dials.length).toBeLessThan(25);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});
