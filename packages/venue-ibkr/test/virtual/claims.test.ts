import { describe, expect, it } from "vitest";
import { VirtualGateway } from "../support/virtual-gateway.js";

const UNANSWERED = ["sor", "str", "spl", "ssd+U1", "sbd+U1+1+NYSE"] as const;
const DATA: Readonly<Record<(typeof UNANSWERED)[number], object>> = {
  sor: { args: [{ orderId: 1, status: "Submitted" }] },
  str: { args: [] },
  spl: { args: { "U1.Core": { upl: 1 } } },
  "ssd+U1": { result: [{ key: "K", monetaryValue: 1 }] },
  "sbd+U1+1+NYSE": { data: [{ price: "1.00" }] },
};

describe("a topic that the venue does not answer is live", () => {
  it.each(UNANSWERED)("not before its data came or no refusal did for 2 s: %s", async (topic) => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const held = client.subscribe(topic);
    await gateway.world.runUntil(() => gateway.times(topic).length === 1);
    await gateway.world.run(1_900);
    expect(held.state.snapshot.phase).toBe("subscribing");
    await gateway.world.run(200);
    expect(held.state.snapshot.phase).toBe("live");
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it.each(UNANSWERED)("with its first data: %s", async (topic) => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const held = client.subscribe(topic);
    await gateway.world.runUntil(() => gateway.times(topic).length === 1);
    await gateway.world.run(100);
    gateway.say({ topic, ...DATA[topic] });
    await gateway.world.run(10);
    expect(held.state.snapshot.phase).toBe("live");
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it.each(UNANSWERED)(
    "never while it is refused again and again, however long a refusal takes: %s",
    async (topic) => {
      const gateway = new VirtualGateway();
      const { client, session } = gateway.open();
      gateway.refuses = (text) => (text.startsWith(topic) ? { topic, afterMs: 200 } : undefined);
      const held = client.subscribe(topic);
      const phases = new Set<string>();
      const watch = async (): Promise<void> => {
        for await (const { phase } of held.state) phases.add(phase);
      };
      void watch();
      await gateway.world.run(600_000);
      expect(gateway.times(topic).length).toBeGreaterThan(10);
      expect([...phases]).toEqual(["subscribing"]);
      expect(held.state.snapshot.cause).toMatchObject({ code: "SUBSCRIPTION_REFUSED" });
      gateway.refuses = () => undefined;
      await gateway.world.run(70_000);
      expect(held.state.snapshot.phase).toBe("live");
      await gateway.world.complete(client.shutdown());
      await session.shutdown();
    },
  );

  it("waits longer at a gateway whose refusals take longer", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    gateway.refuses = (text) => (text === "sor+{}" ? { topic: "sor", afterMs: 4_000 } : undefined);
    const held = client.subscribe("sor");
    // The first one came later than we wait; those that follow are waited for.
    await gateway.world.run(8_000);
    const phases: string[] = [];
    const watch = async (): Promise<void> => {
      for await (const { phase } of held.state) phases.push(phase);
    };
    void watch();
    await gateway.world.run(300_000);
    expect(phases).not.toContain("live");
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});
