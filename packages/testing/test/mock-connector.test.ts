import { isWsError, WsError } from "@oath-ws/contract";
import type { Handshake, LeafConnection } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { accept, acceptThenClose, acceptWith, hang, refuse } from "../src/dial-step.js";
import { MockConnector } from "../src/mock-connector.js";
import type { MockConnectorOptions } from "../src/mock-connector.js";
import { toUtf8 } from "../src/utf8.js";
import { LeafRecorder } from "../src/leaf-recorder.js";
import { createWorld } from "../src/world.js";
import type { World } from "../src/world.js";

const HANDSHAKE: Handshake = { url: "wss://venue.test/feed", protocols: [], headers: {} };

function setUp(options: MockConnectorOptions = {}): {
  world: World;
  connector: MockConnector;
  dial: () => Promise<LeafRecorder>;
} {
  const world = createWorld();
  const connector = new MockConnector(world, options);
  return { world, connector, dial: () => LeafRecorder.connect(connector, HANDSHAKE) };
}

describe("MockConnector", () => {
  it("follows the script, then accepts", async () => {
    const { world, connector, dial } = setUp({
      script: [refuse({ status: 429, retryAfterMs: 60_000 }), accept({ afterMs: 40 }), hang()],
    });
    await expect(dial()).rejects.toMatchObject({
      kind: "throttled",
      code: "UPGRADE_REFUSED",
      status: 429,
      retryAfterMs: 60_000,
    });
    const second = await world.complete(dial());
    expect(world.timer.now()).toBe(40);
    second.destroy();
    const abort = new AbortController();
    const third = LeafRecorder.connect(connector, HANDSHAKE, { signal: abort.signal, attempt: 3 });
    await world.run(86_400_000);
    abort.abort("tired");
    await expect(third).rejects.toBe("tired");
    await dial();
    expect(connector.dials.map(({ outcome, at, settledAt }) => [outcome, at, settledAt])).toEqual([
      ["refused", 0, 0],
      ["accepted", 0, 40],
      ["aborted", 40, 86_400_040],
      ["accepted", 86_400_040, 86_400_040],
    ]);
    expect(connector.dials[2]).toMatchObject({
      index: 2,
      attempt: 3,
      handshake: HANDSHAKE,
      peer: undefined,
    });
  });

  it("asks a function about the dials after the script, and takes further steps", async () => {
    const { connector, dial } = setUp({
      otherwise: ({ index }) => (index % 2 === 0 ? refuse({ code: "ENOTFOUND" }) : accept()),
    });
    await expect(dial()).rejects.toMatchObject({ kind: "connection", code: "ENOTFOUND" });
    await dial();
    connector.enqueue(refuse({ status: 503 }));
    await expect(dial()).rejects.toMatchObject({ kind: "server", status: 503 });
    connector.otherwise = accept();
    await dial();
  });

  it("passes on what the script itself throws", async () => {
    const { connector, dial } = setUp({
      otherwise: () => {
        throw new Error("broken script");
      },
    });
    await expect(dial()).rejects.toThrow("broken script");
    expect(connector.openSockets).toBe(0);
    connector.otherwise = accept({
      onAccept: () => {
        throw new Error("broken server");
      },
    });
    const recorder = new LeafRecorder();
    await expect(connector.connect(HANDSHAKE, recorder)).rejects.toThrow("broken server");
    expect(connector.openSockets).toBe(0);
    expect(recorder.end?.error).toMatchObject({
      code: "CONNECT_FAILED",
      cause: { message: "broken server" },
    });
  });

  it("counts the sockets that exist, dials included", async () => {
    const { world, connector, dial } = setUp({
      script: [accept({ afterMs: 10 }), accept(), refuse({})],
    });
    const first = dial();
    expect(connector.openSockets).toBe(1);
    const connection = await world.complete(first);
    expect(connector.openSockets).toBe(1);
    connection.destroy();
    expect(connector.openSockets).toBe(0);
    const [second] = await Promise.allSettled([dial(), dial()]);
    expect([connector.openSockets, connector.maxOpenSockets]).toEqual([1, 2]);
    if (second.status === "fulfilled") await world.complete(second.value.close());
    expect(connector.openSockets).toBe(0);
  });

  it("knows the current peer and all that there were", async () => {
    const { connector, dial } = setUp();
    expect(connector.current).toBeUndefined();
    const first = await dial();
    const [peer] = connector.peers;
    expect(connector.current).toBe(peer);
    first.destroy();
    expect(connector.current).toBeUndefined();
    await dial();
    expect(connector.peers).toHaveLength(2);
    expect(connector.current).toBe(connector.peers[1]);
  });

  it("delivers frames that came with the response, and runs the server's script after them", async () => {
    const { dial } = setUp({
      script: [
        acceptWith([{ kind: "text", data: toUtf8("early") }], {
          onAccept: (peer) => peer.text("hello"),
        }),
        acceptThenClose(1013, "try later"),
        acceptThenClose(),
      ],
    });
    const first = await dial();
    expect(
      [first.source.take(), first.source.take()].map((frame) =>
        String.fromCharCode(...(frame?.data ?? [])),
      ),
    ).toEqual(["early", "hello"]);
    const second = await dial();
    expect(second.source.take()).toMatchObject({
      kind: "close",
      code: 1013,
      data: toUtf8("try later"),
    });
    expect(second.end?.error).toMatchObject({ code: "PEER_CLOSED", close: { code: 1013 } });
    const third = await dial();
    expect(third.source.take()).toMatchObject({ kind: "close", code: 1005 });
  });

  it("takes any WsError as a refusal, and kinds by status", async () => {
    const error = new WsError({ kind: "connection", code: "CERT_HAS_EXPIRED", message: "expired" });
    const kinds = [401, 403, 407, 418, 429, 404, 302, 500, 503].map(
      (status) => refuse({ status }).error.kind,
    );
    expect(kinds.join()).toBe("auth,auth,auth,throttled,throttled,client,client,server,server");
    const { dial } = setUp({
      script: [refuse(error), refuse({ status: 400, kind: "auth", headers: { "x-why": "token" } })],
    });
    await expect(dial()).rejects.toBe(error);
    await expect(dial()).rejects.toMatchObject({ kind: "auth", headers: { "x-why": "token" } });
  });

  it("chooses the first offered subprotocol, or the scripted one, and fails one that was not offered", async () => {
    const { connector } = setUp({
      script: [
        accept(),
        accept({ protocol: "b" }),
        accept({ protocol: "c" }),
        accept({ protocol: "" }),
      ],
    });
    const handshake = { ...HANDSHAKE, protocols: ["a", "b"] };
    const connect = (to: Handshake): Promise<LeafConnection> =>
      connector.connect(to, new LeafRecorder());
    expect((await connect(handshake)).protocol).toBe("a");
    expect((await connect(handshake)).protocol).toBe("b");
    await expect(connect(handshake)).rejects.toMatchObject({
      code: "HANDSHAKE_INVALID",
      kind: "server",
    });
    expect((await connect(handshake)).protocol).toBe("");
  });

  it("refuses a bad URL and an aborted signal without dialling", async () => {
    const { connector } = setUp();
    const bad = LeafRecorder.connect(connector, { ...HANDSHAKE, url: "https://venue.test/" });
    await expect(bad).rejects.toSatisfy(
      (error) => isWsError(error) && error.code === "URL_INVALID",
    );
    await expect(
      LeafRecorder.connect(connector, HANDSHAKE, { signal: AbortSignal.abort("no") }),
    ).rejects.toBe("no");
    expect(connector.dials).toEqual([]);
  });

  it("tells the headers of the response", async () => {
    const { dial } = setUp({ script: [accept({ headers: { "x-server": "a" } }), accept()] });
    expect((await dial()).connection.headers).toEqual({ "x-server": "a" });
    expect((await dial()).connection.headers).toEqual({});
  });
});
