import { describe, expect, it } from "vitest";
import { VirtualNetwork, createWorld } from "@oath-ws/testing";
import type { LinkSettings } from "@oath-ws/testing";
import { counted, Rig } from "./rig.js";

describe("bytes", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "arrive whole and in order, however they are cut: seed %d",
    async (seed) => {
      const rig = new Rig(
        {
          latencyMs: 20,
          jitterMs: 50,
          segmentBytes: 1 + seed * 7,
          partialReads: 0.5,
          sendBufferBytes: 64,
          receiveBufferBytes: 100,
        },
        seed,
      );
      const { client, server } = await rig.connect();
      const sizes = Array.from({ length: 20 }, () => 1 + rig.world.random.int(300));
      const up = sizes.map((size) => client.write(size));
      server.write(1_000);
      await rig.world.run(600_000);
      expect(up.every(({ isTaken }) => isTaken)).toBe(true);
      expect(server.bytes).toEqual(sizes.flatMap((size) => [...counted(size)]));
      expect(client.bytes).toEqual([...counted(1_000)]);
      expect(client.socket.bufferedBytes).toBe(0);
      expect(Math.max(...server.reads)).toBeLessThanOrEqual(100);
    },
  );

  it("take the latency, and what one turn writes arrives together", async () => {
    const rig = new Rig({ latencyMs: 30 });
    const { client, server } = await rig.connect();
    client.write(10);
    client.write(20);
    await rig.world.run(29);
    expect(server.reads).toEqual([]);
    await rig.world.run(1);
    expect(server.reads).toEqual([30]);
  });

  it("give the same trace for the same seed, and another for another", async () => {
    const play = async (seed: number): Promise<unknown> => {
      const rig = new Rig({ jitterMs: 10, partialReads: 0.5, segmentBytes: 16 }, seed);
      const { client, server } = await rig.connect();
      client.write(100);
      server.write(100);
      await rig.world.run(1_000);
      return rig.trace;
    };
    const first = await play(7);
    expect(await play(7)).toEqual(first);
    expect(await play(8)).not.toEqual(first);
  });
});

describe("a reader that reads nothing", () => {
  it("closes the window: writes stay untaken until it reads again", async () => {
    const rig = new Rig({ sendBufferBytes: 1_000, receiveBufferBytes: 500 });
    const { client, server } = await rig.connect();
    server.socket.pause();
    expect(client.write(800).isTaken).toBe(true);
    const second = client.write(5_000);
    await rig.world.run(60_000);
    // 500 in the receiver's system, 1 000 in the sender's.
    expect(second.isTaken).toBe(false);
    expect(client.socket.bufferedBytes).toBe(800 + 5_000 - 1_500);
    expect(server.bytes).toEqual([]);
    server.socket.resume();
    await rig.world.run(1_000);
    expect(second.isTaken).toBe(true);
    expect(server.bytes).toHaveLength(5_800);
  });

  it("may be its system's: a window that is shut and opened", async () => {
    const rig = new Rig();
    const { client, server } = await rig.connect();
    rig.network.connections[0]?.shutWindow("server");
    client.write(10);
    await rig.world.run(10_000);
    expect(server.bytes).toEqual([]);
    rig.network.connections[0]?.openWindow("server");
    await rig.world.run(10);
    expect(server.bytes).toHaveLength(10);
  });
});

describe("a dial", () => {
  it.each([
    [{ dns: "not-found" }, "ENOTFOUND", 1],
    [{ dns: "again" }, "EAI_AGAIN", 1],
    [{ connect: "refuse" }, "ECONNREFUSED", 11],
    [{ connect: "reset" }, "ECONNRESET", 11],
    [{ connect: "unreachable" }, "EHOSTUNREACH", 3_001],
    [{ connect: "hang" }, "ETIMEDOUT", 127_001],
    [{ tls: "CERT_HAS_EXPIRED" }, "CERT_HAS_EXPIRED", 21],
  ] as const)(
    "over a link with %j ends with %s",
    async (settings: Partial<LinkSettings>, code, atMs) => {
      const rig = new Rig(settings);
      const dialled = rig.dial("server", 80, true);
      await rig.world.runUntil(() => dialled.code !== undefined);
      expect(dialled.code).toBe(code);
      expect(rig.world.timer.now()).toBe(atMs);
      rig.network.configure({ dns: "ok", connect: "ok", tls: "ok" });
      expect((await rig.connect()).client.code).toBeUndefined();
    },
  );

  it("of an unknown name is ENOTFOUND, of a port without a program ECONNREFUSED", async () => {
    const rig = new Rig();
    const [nowhere, closed] = [rig.dial("nowhere"), rig.dial("server", 81)];
    await rig.world.run(1_000);
    expect([nowhere.code, closed.code]).toEqual(["ENOTFOUND", "ECONNREFUSED"]);
  });

  it("reaches a host by its address, and itself by loopback", async () => {
    const rig = new Rig();
    rig.client.listen(80, () => undefined);
    const dials = [rig.dial(rig.server.address), rig.dial("127.0.0.1"), rig.dial("localhost")];
    await rig.world.run(1_000);
    expect(dials.every(({ end }) => end !== undefined)).toBe(true);
    expect(rig.accepted).toHaveLength(1);
  });

  it("is told nothing once it is given up, and hangs if its name does", async () => {
    const rig = new Rig({ dns: "hang" });
    const told: string[] = [];
    const cancel = rig.client.dial(
      { host: "server", port: 80, isSecure: false },
      {
        resolved: () => told.push("resolved"),
        opened: () => told.push("opened"),
        failed: () => told.push("failed"),
      },
    );
    rig.network.configure({ dns: "ok" });
    const other = rig.client.dial(
      { host: "server", port: 80, isSecure: false },
      {
        resolved: () => told.push("resolved"),
        opened: () => told.push("opened"),
        failed: () => told.push("failed"),
      },
    );
    cancel();
    other();
    await rig.world.run(200_000);
    expect(told).toEqual([]);
    expect(rig.world.timer.pendingCount).toBe(0);
  });

  it("into a black hole is ETIMEDOUT after two minutes", async () => {
    const rig = new Rig();
    rig.network.link("client", "server").blackHole("toClient");
    const dialled = rig.dial();
    await rig.world.runUntil(() => dialled.code !== undefined);
    expect(dialled.code).toBe("ETIMEDOUT");
    rig.network.link("client", "server").heal();
    await rig.connect();
  });

  it("is repeated, and succeeds when the hole is gone or the server answers", async () => {
    const rig = new Rig();
    const link = rig.network.link("client", "server");
    const dialled = rig.dial();
    // The hole comes while the answer is on its way.
    await rig.world.run(5);
    link.blackHole();
    await rig.world.run(2_000);
    link.heal();
    link.configure({ connect: "hang" });
    await rig.world.run(4_000);
    expect(dialled).toEqual({});
    link.configure({ connect: "ok" });
    await rig.world.run(10_000);
    expect(dialled.end).toBeDefined();
    expect(rig.accepted).toHaveLength(1);
  });
});

describe("an end", () => {
  it("comes behind the data, and the other direction goes on", async () => {
    const rig = new Rig();
    const { client, server } = await rig.connect();
    client.write(10);
    client.socket.end();
    await rig.world.run(100);
    expect([server.bytes.length, server.hasEnded, server.code]).toEqual([10, true, undefined]);
    server.write(20);
    server.socket.end();
    await rig.world.run(100);
    expect([client.bytes.length, client.hasEnded]).toEqual([20, true]);
    client.socket.destroy();
    server.socket.destroy();
    expect(rig.network.connections).toEqual([]);
  });

  it("of a socket that is closed with something unread is a reset", async () => {
    const rig = new Rig();
    const { client, server } = await rig.connect();
    server.socket.pause();
    client.write(10);
    await rig.world.run(100);
    server.socket.destroy();
    await rig.world.run(100);
    expect([client.hasEnded, client.code]).toEqual([false, "ECONNRESET"]);
  });

  it("of a closed socket is an end, and then a reset for what is sent to it", async () => {
    const rig = new Rig();
    const { client, server } = await rig.connect();
    server.write(10);
    server.socket.destroy();
    await rig.world.run(100);
    expect([client.bytes.length, client.hasEnded, client.code]).toEqual([10, true, undefined]);
    client.write(1);
    await rig.world.run(100);
    const late = client.write(1);
    await rig.world.run(100);
    expect(late.code).toBe("ECONNRESET");
  });

  it("by a reset loses what was not sent, and tells the peer behind what it has", async () => {
    const rig = new Rig({ receiveBufferBytes: 50 });
    const { client, server } = await rig.connect();
    client.write(200);
    client.socket.reset();
    await rig.world.run(100);
    expect([server.bytes.length, server.code]).toEqual([50, "ECONNRESET"]);
    expect(rig.network.connections).toHaveLength(1);
    server.socket.destroy();
    expect(rig.network.connections).toEqual([]);
  });

  it("from the middle tells both, or one", async () => {
    const rig = new Rig();
    const [first, second] = [await rig.connect(), await rig.connect()];
    rig.network.connections[0]?.reset();
    rig.network.connections[1]?.reset("client");
    await rig.world.run(100);
    expect([first.client.code, first.server.code]).toEqual(["ECONNRESET", "ECONNRESET"]);
    expect([second.client.code, second.server.code]).toEqual(["ECONNRESET", undefined]);
  });

  it("is noticed by a paused reader only when it writes", async () => {
    const rig = new Rig();
    const { client } = await rig.connect();
    client.socket.pause();
    rig.network.connections[0]?.reset();
    await rig.world.run(1_000);
    expect(client.code).toBeUndefined();
    expect(client.write(1).code).toBe("ECONNRESET");
  });

  it("of a connection that the way has forgotten comes to the one that sends", async () => {
    const rig = new Rig();
    const { client, server } = await rig.connect();
    rig.network.connections[0]?.forget();
    await rig.world.run(60_000);
    expect([client.code, server.code]).toEqual([undefined, undefined]);
    client.write(1);
    await rig.world.run(100);
    expect([client.code, server.code, server.bytes.length]).toEqual(["ECONNRESET", undefined, 0]);
  });
});

describe("a black hole", () => {
  it.each(["toServer", "toClient"] as const)(
    "%s stops one direction, and healed lets everything through",
    async (direction) => {
      const rig = new Rig();
      const { client, server } = await rig.connect();
      rig.network.connections[0]?.blackHole(direction);
      client.write(10);
      server.write(20);
      await rig.world.run(60_000);
      const reached = [server.bytes.length, client.bytes.length];
      expect(reached).toEqual(direction === "toServer" ? [0, 20] : [10, 0]);
      rig.network.connections[0]?.heal();
      await rig.world.run(100);
      expect([server.bytes.length, client.bytes.length]).toEqual([10, 20]);
      await rig.world.run(2_000_000);
      expect([client.code, server.code]).toEqual([undefined, undefined]);
    },
  );

  it("ends the side that sends into it with ETIMEDOUT, and leaves a silent one alone", async () => {
    const rig = new Rig();
    const { client, server } = await rig.connect();
    rig.network.connections[0]?.blackHole();
    client.write(10);
    await rig.world.run(924_500);
    expect(client.code).toBeUndefined();
    await rig.world.run(200);
    expect([client.code, server.code]).toEqual(["ETIMEDOUT", undefined]);
  });

  it("swallows a reset: the other end finds out when it sends after the hole", async () => {
    const rig = new Rig();
    const { client, server } = await rig.connect();
    rig.network.connections[0]?.blackHole();
    server.socket.reset();
    await rig.world.run(60_000);
    expect(client.code).toBeUndefined();
    rig.network.connections[0]?.heal();
    client.write(1);
    await rig.world.run(100);
    expect(client.code).toBe("ECONNRESET");
  });

  it("of a link holds for its new connections, and for no other host", async () => {
    const rig = new Rig();
    const other = rig.network.host("other");
    other.listen(80, () => undefined);
    rig.network.link("client", "server").blackHole();
    const [lost, fine] = [rig.dial("server"), rig.dial("other")];
    await rig.world.run(1_000);
    expect([lost.end, fine.end === undefined]).toEqual([undefined, false]);
  });
});

describe("settings", () => {
  it("that cannot be are refused by name", () => {
    const network = new VirtualNetwork(createWorld());
    expect(() => network.configure({ latencyMs: -1 })).toThrow(/latencyMs/);
    expect(() => network.configure({ receiveBufferBytes: 0 })).toThrow(/receiveBufferBytes/);
    expect(() => network.configure({ partialReads: 2 })).toThrow(/partialReads/);
    expect(() => network.configure({ dns: "never" } as never)).toThrow(/dns/);
    expect(() => network.configure({ colour: 1 } as never)).toThrow(/colour/);
    expect(() => network.link("a", "b").configure({ jitterMs: Number.NaN })).toThrow(/jitterMs/);
  });

  it("of one link leave the others alone, and reach hosts that are made later", async () => {
    const rig = new Rig({ latencyMs: 1 });
    rig.network.link("client", "late").configure({ latencyMs: 500 });
    rig.network.host("late").listen(80, () => undefined);
    const [late, near] = [rig.dial("late"), rig.dial("server")];
    await rig.world.run(100);
    expect([late.end, near.end === undefined]).toEqual([undefined, false]);
    await rig.world.run(1_000);
    expect(late.end).toBeDefined();
  });

  it("listen twice on a port is EADDRINUSE, and a free one can be had", () => {
    const rig = new Rig();
    expect(() => rig.server.listen(80, () => undefined)).toThrow(/EADDRINUSE/);
    const free = rig.server.listen(0, () => undefined);
    expect(rig.server.accepts(free.port)).toBe(true);
    free.close();
    expect(rig.server.accepts(free.port)).toBe(false);
  });
});
