import { describe, expect, it } from "vitest";
import { Rig } from "./rig.js";

describe("a stall of one machine", () => {
  it("makes its timers late and lets its bytes wait, while the other machine goes on", async () => {
    const rig = new Rig({ latencyMs: 10 });
    const { client, server } = await rig.connect();
    const { world } = rig;
    const from = world.timer.now();
    const log: string[] = [];
    const note = (what: string): void => void log.push(`${world.timer.now() - from} ${what}`);
    client.socket.listen({
      data: (bytes) => note(`read ${bytes.length}`),
      ended: () => undefined,
      failed: () => undefined,
    });
    for (let at = 0; at < 5; at++) {
      rig.server.timer.schedule(at * 100, () => {
        note("server");
        server.write(10);
      });
    }
    rig.client.timer.schedule(150, () => note("client"));
    rig.client.stall(1_000);
    await world.run(2_000);
    expect(log).toEqual([
      "0 server",
      "100 server",
      "200 server",
      "300 server",
      "400 server",
      // The late timer is first; then one read brings everything that has arrived.
      "1000 client",
      "1000 read 50",
    ]);
    expect(rig.client.timer.now()).toBe(world.timer.now());
  });

  it("ends with the sockets in an order of the seed", async () => {
    const order = async (seed: number): Promise<string> => {
      const rig = new Rig({}, seed);
      const read: number[] = [];
      for (let at = 0; at < 4; at++) {
        const { client, server } = await rig.connect();
        client.socket.listen({
          data: () => void read.push(at),
          ended: () => undefined,
          failed: () => undefined,
        });
        rig.server.timer.schedule(100, () => void server.write(1));
      }
      rig.client.stall(1_000);
      await rig.world.run(2_000);
      return read.join("");
    };
    const orders = await Promise.all([1, 2, 3, 4, 5, 6].map(order));
    expect(new Set(orders).size).toBeGreaterThan(2);
    expect(await order(1)).toBe(orders[0]);
    for (const each of orders) expect([...each].toSorted().join("")).toBe("0123");
  });

  it("may be made longer by another one, and cancelled arrivals stay away", async () => {
    const rig = new Rig();
    const { timer } = rig.client;
    const log: string[] = [];
    timer.scheduleArrival(10, () => void log.push(`${timer.now()} first`));
    const cancel = timer.scheduleArrival(10, () => void log.push("second"));
    rig.client.stall(50);
    await rig.world.run(20);
    cancel();
    rig.client.stall(100);
    await rig.world.run(1_000);
    expect(log).toEqual(["120 first"]);
  });
});

describe("a machine that sleeps", () => {
  it("stops its monotonic clock and its timers, and not its wall clock", async () => {
    const rig = new Rig();
    const { timer } = rig.client;
    const { world } = rig;
    const fired: (readonly [number, number])[] = [];
    timer.schedule(100, () => fired.push([timer.now(), world.timer.now()]));
    await world.run(40);
    rig.client.sleep(1_000);
    await world.run(500);
    expect([timer.now(), timer.sleptMs()]).toEqual([40, 0]);
    expect(timer.wallNow()).toBe(world.timer.wallNow());
    await world.run(2_000);
    expect(fired).toEqual([[100, 1_100]]);
    expect([timer.sleptMs(), world.timer.now() - timer.now()]).toEqual([1_000, 1_000]);
  });

  it("gets what has arrived when it wakes, behind nothing that is not due", async () => {
    const rig = new Rig();
    const { client, server } = await rig.connect();
    rig.client.sleep(5_000);
    server.write(10);
    await rig.world.run(4_000);
    expect(client.bytes).toEqual([]);
    await rig.world.run(1_000);
    expect(client.bytes).toHaveLength(10);
  });

  it("has a wall clock of its own, and cannot fall asleep twice", () => {
    const rig = new Rig();
    rig.client.timer.stepWall(-5_000);
    expect(rig.world.timer.wallNow() - rig.client.timer.wallNow()).toBe(5_000);
    expect(rig.server.timer.wallNow()).toBe(rig.world.timer.wallNow());
    rig.client.sleep(1_000);
    expect(() => rig.client.sleep(1_000)).toThrow(/sleeps already/);
  });
});

describe("the count of pending timers", () => {
  it("is of the machine's programs alone", async () => {
    const rig = new Rig();
    await rig.connect();
    const { timer } = rig.client;
    const cancel = timer.schedule(10, () => undefined);
    timer.schedule(20, () => undefined);
    timer.scheduleArrival(1_000, () => undefined);
    expect(timer.pendingCount).toBe(2);
    cancel();
    cancel();
    expect(timer.pendingCount).toBe(1);
    await rig.world.run(30);
    expect(timer.pendingCount).toBe(0);
  });
});
