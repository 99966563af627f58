import { once } from "node:events";
import type { ReceivedFrame, ReconnectingConnection } from "@oath-ws/contract";
import { createWorld, MockConnector } from "@oath-ws/testing";
import type { MockPeer, World } from "@oath-ws/testing";
import { stack } from "@oath-ws/resilience";
import { toWebStreams } from "@oath-ws/resilience/streams";
import type { PartialConfig } from "@oath-ws/resilience";
import { describe, expect, it } from "vitest";
import { toNodeDuplex } from "../../src/streams/to-node-duplex.js";

interface Scene {
  readonly world: World;
  readonly connection: ReconnectingConnection;
  readonly peer: () => MockPeer;
}

/** A connection that is up, over a mock in virtual time. */
async function scene(config: PartialConfig = {}): Promise<Scene> {
  const world = createWorld({});
  const leaf = new MockConnector(world, {});
  const { timer, spawn, random, newId } = world;
  const connector = stack({ leaf, timer, spawn, random, newId, config });
  const handshake = { url: "wss://venue.example/", protocols: [], headers: {} };
  const connection = await world.complete(connector.connect(handshake));
  const peer = (): MockPeer => {
    if (leaf.current === undefined) throw new Error("no connection is open");
    return leaf.current;
  };
  return { world, connection, peer };
}

const textOf = (frame: ReceivedFrame | undefined): string | undefined => frame?.text();

describe("toWebStreams", () => {
  it("gives every frame in order, over a reconnect, and ends with the shutdown", async () => {
    const { world, connection, peer } = await scene();
    const reader = toWebStreams(connection).readable.getReader();
    peer().text("1");
    expect(textOf((await world.complete(reader.read())).value)).toBe("1");
    peer().reset();
    await world.runUntil(() => connection.lifecycle.snapshot.epoch === 2);
    peer().text("2");
    const { value } = await world.complete(reader.read());
    expect([value?.epoch, textOf(value)]).toEqual([2, "2"]);
    void connection.control.shutdown();
    expect(await world.complete(reader.read())).toEqual({ done: true, value: undefined });
  });

  it("errors with LAGGED for a slow reader, or shows the hole in seq if it is asked to", async () => {
    for (const onLag of [undefined, "continue"] as const) {
      const { world, connection, peer } = await scene({ buffer: { maxFrames: 2 } });
      const reader = toWebStreams(connection, { onLag }).readable.getReader();
      peer().text("0");
      await world.complete(reader.read());
      for (const text of ["1", "2", "3", "4", "5"]) peer().text(text);
      await world.settle();
      // None waited outside of the receive buffer.
      expect(connection.lifecycle.snapshot.totalLagged).toBe(3);
      const next = world.complete(reader.read());
      if (onLag === undefined)
        await expect(next).rejects.toMatchObject({ code: "LAGGED", message: /dropped 3 frames/ });
      else expect((await next).value).toMatchObject({ seq: 5 });
    }
  });

  it("holds a writer until the socket has taken the frame", async () => {
    const { world, connection, peer } = await scene();
    const writer = toWebStreams(connection).writable.getWriter();
    peer().stopReading();
    let written = false;
    const write = writer.write("x").then(() => {
      written = true;
    });
    await world.settle();
    expect([written, writer.desiredSize]).toEqual([false, 0]);
    peer().resumeReading();
    await world.complete(write);
    await world.complete(writer.ready);
    expect(writer.desiredSize).toBe(1);
    expect(peer().receivedTexts).toEqual(["x"]);
  });

  it("errors the writable with the first send that fails, and keeps reading", async () => {
    const { world, connection, peer } = await scene();
    const { readable, writable } = toWebStreams(connection);
    const writer = writable.getWriter();
    const closed = writer.closed.catch((error: unknown) => error);
    peer().reset();
    await world.settle();
    await expect(world.complete(writer.write("x"))).rejects.toMatchObject({
      code: "NOT_CONNECTED",
    });
    expect(await world.complete(closed)).toMatchObject({ code: "NOT_CONNECTED" });
    await world.runUntil(() => connection.lifecycle.snapshot.epoch === 2);
    peer().text("still");
    const reader = readable.getReader();
    expect(textOf((await world.complete(reader.read())).value)).toBe("still");
  });

  it("shuts down when it is closed, cancelled or aborted", async () => {
    for (const end of ["close", "abort", "cancel"] as const) {
      const { world, connection } = await scene();
      const { readable, writable } = toWebStreams(connection);
      await world.complete(end === "cancel" ? readable.cancel() : writable[end]());
      expect(connection.lifecycle.snapshot.phase).toBe("closed");
    }
  });

  it("errors with what ended the connection for good", async () => {
    const { world, connection, peer } = await scene({ attempts: { maxAttempts: 1 } });
    const reader = toWebStreams(connection).readable.getReader();
    peer().reset();
    await expect(world.complete(reader.read())).rejects.toMatchObject({
      code: "ATTEMPTS_EXHAUSTED",
    });
  });
});

describe("toNodeDuplex", () => {
  it("gives and takes frames, and ends with a closing handshake", async () => {
    const { world, connection, peer } = await scene();
    const duplex = toNodeDuplex(connection);
    duplex.write("to the server");
    peer().text("to the client");
    const [frame] = (await world.complete(once(duplex, "data"))) as [ReceivedFrame];
    expect(frame.text()).toBe("to the client");
    expect(peer().receivedTexts).toEqual(["to the server"]);
    const server = peer();
    const ended = once(duplex, "close");
    duplex.end();
    await world.complete(ended);
    expect(server.closeFrameReceived).toBeDefined();
    expect(connection.lifecycle.snapshot.phase).toBe("closed");
  });

  it("is destroyed with LAGGED for a reader that is too slow", async () => {
    const { world, connection, peer } = await scene({ buffer: { maxFrames: 2 } });
    const duplex = toNodeDuplex(connection);
    const failed = once(duplex, "error");
    for (const text of ["1", "2"]) peer().text(text);
    duplex.read();
    await world.settle();
    for (const text of ["3", "4", "5", "6", "7"]) peer().text(text);
    await world.settle();
    expect(connection.lifecycle.snapshot.totalLagged).toBeGreaterThan(0);
    duplex.resume();
    expect(await world.complete(failed)).toEqual([expect.objectContaining({ code: "LAGGED" })]);
    expect(connection.lifecycle.snapshot.phase).toBe("closed");
  });

  it("says with its return value when to wait, and drops the connection when destroyed", async () => {
    const { world, connection, peer } = await scene();
    const duplex = toNodeDuplex(connection);
    const server = peer();
    server.stopReading();
    expect(duplex.write("1")).toBe(false);
    const drained = once(duplex, "drain");
    server.resumeReading();
    await world.complete(drained);
    const gone = once(duplex, "close");
    duplex.destroy();
    await world.complete(gone);
    expect(server.destroyedByClient).toBe(true);
  });
});
