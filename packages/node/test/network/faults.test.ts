import type { LinkSettings, VirtualConnection } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { directConnector } from "../../src/direct/direct-connector.js";
import { networkDial } from "../../src/network/network-dial.js";
import { LeafRecorder } from "@oath-ws/testing";
import { frame, OP } from "../support/frames.js";
import { Rig } from "./rig.js";

const HANDSHAKE = { url: "wss://venue.test/feed", protocols: [], headers: {} };

/** How one dial of the bare transport ends. */
async function dialError(settings: Partial<LinkSettings>): Promise<unknown> {
  const rig = new Rig(1, settings);
  rig.serve();
  const { timer } = rig.client;
  const leaf = directConnector({ timer, socket: networkDial(rig.client, rig.world.random) });
  const dialled = leaf.connect(HANDSHAKE, new LeafRecorder());
  return rig.world.complete(
    dialled.then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
}

describe("a dial of the direct transport", () => {
  it.each([
    [{ dns: "not-found" }, "connection", "ENOTFOUND"],
    [{ dns: "again" }, "connection", "EAI_AGAIN"],
    [{ connect: "refuse" }, "connection", "ECONNREFUSED"],
    [{ connect: "reset" }, "connection", "ECONNRESET"],
    [{ connect: "unreachable" }, "connection", "EHOSTUNREACH"],
    [{ connect: "hang" }, "connection", "ETIMEDOUT"],
    [{ tls: "CERT_HAS_EXPIRED" }, "connection", "CERT_HAS_EXPIRED"],
    [{ tls: "ERR_TLS_CERT_ALTNAME_INVALID" }, "connection", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ] as const)("over a link with %j fails as %s, %s", async (settings, kind, code) => {
    expect(await dialError(settings)).toMatchObject({ kind, code });
  });

  it("that hangs is given up by the stack's own timeout, and leaves nothing behind", async () => {
    const rig = new Rig(1, { connect: "hang" });
    rig.serve();
    const connection = await rig.world.complete(rig.connect({}, { awaitFirst: false }));
    await rig.world.run(10_500);
    expect(connection.lifecycle.snapshot.cause).toMatchObject({ code: "CONNECT_TIMEOUT" });
    await rig.world.complete(connection.control.shutdown());
    await rig.world.run(1_000);
    expect([rig.client.timer.pendingCount, rig.world.timer.pendingCount]).toEqual([0, 0]);
  });

  it.each([
    ["dns", { dns: "hang" }],
    ["connect", { connect: "hang" }],
    ["upgrade", {}],
  ] as const)("that is aborted in the phase %s ends at once", async (_phase, settings) => {
    const rig = new Rig(1, settings);
    rig.listen(443, () => undefined);
    const abort = new AbortController();
    const leaf = directConnector({ timer: rig.client.timer, socket: networkDial(rig.client) });
    const dialled = leaf.connect(HANDSHAKE, new LeafRecorder(), { signal: abort.signal });
    const reason = dialled.catch((error: unknown) => error);
    await rig.world.run(1_000);
    abort.abort("enough");
    expect(await rig.world.complete(reason, 0)).toBe("enough");
    await rig.world.run(1_000);
    expect(rig.world.timer.pendingCount).toBe(0);
  });

  it("tells its steps, with the machine's times", async () => {
    const rig = new Rig(1, { latencyMs: 20, dnsMs: 7 });
    rig.serve();
    const steps: (readonly [string, number])[] = [];
    const leaf = directConnector({ timer: rig.client.timer, socket: networkDial(rig.client) });
    const onPhase = (phase: string, at: number): void => void steps.push([phase, at]);
    await rig.world.complete(leaf.connect(HANDSHAKE, new LeafRecorder(), { onPhase }));
    expect(steps).toEqual([
      ["dns", 7],
      ["tcp", 47],
      ["upgrade", 87],
    ]);
  });
});

/** What becomes of a connection that something happens to. */
const FAULTS: readonly {
  readonly name: string;
  readonly code: string;
  readonly strike: (connection: VirtualConnection, rig: Rig) => void;
  readonly withinMs: number;
}[] = [
  {
    name: "is reset from the middle",
    code: "ECONNRESET",
    strike: (connection) => connection.reset(),
    withinMs: 100,
  },
  {
    name: "is reset by the server",
    code: "ECONNRESET",
    strike: (_, rig) => void rig.peers.at(-1)?.socket.resetAndDestroy(),
    withinMs: 100,
  },
  {
    name: "is ended by the server without a close frame",
    code: "SOCKET_LOST",
    strike: (_, rig) => void rig.peers.at(-1)?.socket.end(),
    withinMs: 100,
  },
  {
    name: "loses its packets in both directions",
    code: "PEER_SILENT",
    strike: (connection) => connection.blackHole(),
    withinMs: 20_000,
  },
  {
    name: "loses the server's packets",
    code: "PEER_SILENT",
    strike: (connection) => connection.blackHole("toClient"),
    withinMs: 20_000,
  },
  {
    name: "loses the client's packets",
    code: "PEER_SILENT",
    strike: (connection) => connection.blackHole("toServer"),
    withinMs: 20_000,
  },
  {
    name: "is forgotten by a router",
    code: "ECONNRESET",
    strike: (connection) => connection.forget(),
    withinMs: 10_000,
  },
];

describe("a connection that", () => {
  it.each(FAULTS)("$name is lost as $code, and comes back", async ({ code, strike, withinMs }) => {
    const rig = new Rig();
    rig.serve();
    const connection = await rig.world.complete(rig.connect());
    await rig.world.run(1_000);
    const [link] = rig.network.connections;
    if (link === undefined) throw new Error("no connection");
    strike(link, rig);
    const { lifecycle } = connection;
    await rig.world.runUntil(() => lifecycle.snapshot.phase === "reconnecting", withinMs);
    expect(lifecycle.snapshot.cause).toMatchObject({ code });
    await rig.world.runUntil(() => lifecycle.snapshot.phase === "resumed", 60_000);
    expect(lifecycle.snapshot.epoch).toBe(2);
  });

  it("the server does not read holds its sends, and is dropped as WRITE_STALLED", async () => {
    const rig = new Rig(1, { sendBufferBytes: 10_000, receiveBufferBytes: 10_000 });
    rig.serve();
    const { world, network } = rig;
    const connection = await world.complete(rig.connect());
    // The peer speaks, so that silence is not what ends it.
    const speak = (): void => {
      rig.peers[0]?.socket.write(frame(OP.text, "tick"));
      rig.server.timer.schedule(1_000, speak);
    };
    speak();
    network.connections[0]?.shutWindow("server");
    const sent = connection.sink.send(Buffer.alloc(100_000)).catch((error: unknown) => error);
    await world.run(14_000);
    expect(connection.lifecycle.snapshot.phase).toBe("connected");
    expect(connection.stats().socketBytes).toBeGreaterThan(80_000);
    await world.runUntil(() => connection.lifecycle.snapshot.phase === "reconnecting", 5_000);
    expect(connection.lifecycle.snapshot.cause).toMatchObject({ code: "WRITE_STALLED" });
    expect(await world.complete(sent)).toMatchObject({ code: "SEND_FATE_UNKNOWN" });
  });

  it("hears what arrived while its own loop was blocked, and is not taken for dead", async () => {
    const rig = new Rig();
    rig.serve();
    const { world } = rig;
    const connection = await world.complete(rig.connect());
    await world.run(100);
    let said = 0;
    const speak = (): void => {
      rig.peers[0]?.socket.write(frame(OP.text, String(said++)));
      rig.server.timer.schedule(1_000, speak);
    };
    speak();
    rig.client.stall(60_000);
    await world.run(70_000);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1 });
    const heard: string[] = [];
    for (;;) {
      const next = connection.source.take();
      if (next === undefined || next.kind !== "text") break;
      heard.push(String(next.data));
    }
    expect(heard.length).toBeGreaterThan(65);
    expect(heard).toEqual(heard.map((_, at) => String(at)));
  });

  it("sleeps notices it by the clocks, and is not fresh", async () => {
    const rig = new Rig();
    rig.serve();
    const { world } = rig;
    const connection = await world.complete(rig.connect());
    await world.run(100);
    rig.peers[0]?.socket.write(frame(OP.text, "before"));
    await world.run(100);
    expect(connection.source.take()).toBeDefined();
    expect(connection.lifecycle.isFresh(5_000)).toBe(true);
    rig.network.connections[0]?.blackHole();
    rig.client.sleep(3_600_000);
    await world.run(3_600_050);
    expect(connection.lifecycle.isFresh(5_000)).toBe(false);
    await world.runUntil(() => connection.lifecycle.snapshot.epoch === 2, 60_000);
  });
});
