import { Agent } from "node:http";
import { connect } from "node:net";
import type { NetConnectOpts, Socket } from "node:net";
import { open } from "oath-ws";
import type { OpenOptions } from "oath-ws";
import { beforeAll, describe, expect, it } from "vitest";
import { LEAF_NAMES } from "../hostile/support/hostile-row.js";
import { hasOpenssl } from "../support/certificates.js";
import type { Identity } from "../support/certificates.js";
import { wsErrorOf } from "../support/connections.js";
import { frame, OP } from "../support/frames.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import type { RawServer } from "../support/raw-server.js";
import { CountingSignal } from "../support/seams.js";
import { Authority } from "./support/authority.js";
import { secureTunnelAgent, startProxy, tunnelAgent } from "./support/tunnel.js";
import type { Proxy } from "./support/tunnel.js";

const available = hasOpenssl();
const REASON = { why: "the test says so" };
const ONCE = { attempts: { maxAttempts: 1 }, backoff: { minMs: 1, maxMs: 1 } } as const;

let ca = "";
let identity: Identity = { cert: "", key: "" };

beforeAll(() => {
  if (!available) return;
  const authority = new Authority();
  ca = authority.ca;
  identity = authority.issue();
  authority.remove();
});

const SCHEMES = available ? (["ws", "wss"] as const) : (["ws"] as const);
const CASES = LEAF_NAMES.flatMap((leaf) => SCHEMES.map((scheme) => ({ leaf, scheme })));

function startTarget(scheme: "ws" | "wss"): Promise<RawServer> {
  return rawServer(scheme === "ws" ? {} : { tls: { ...identity } });
}

describe.each(CASES)(
  "$scheme through an agent that asks a proxy, by the $leaf leaf:",
  ({ leaf, scheme }) => {
    const through = (proxy: Proxy, more: OpenOptions = {}): OpenOptions => ({
      transport: leaf,
      ...(scheme === "ws"
        ? { socket: { agent: tunnelAgent(proxy) } }
        : { socket: { agent: secureTunnelAgent(proxy) }, tls: { ca } }),
      config: ONCE,
      ...more,
    });

    it("it connects, frames go both ways, and a reconnect asks again", async () => {
      const proxy = await startProxy("tunnels");
      const target = await startTarget(scheme);
      const opening = open(
        target.url,
        through(proxy, { config: { backoff: { minMs: 1, maxMs: 1 }, shutdown: { timeoutMs: 1 } } }),
      );
      const first = new RawPeer(await target.next());
      await first.upgrade(frame(OP.text, "early"));
      await using feed = await opening;
      expect(await feed.source.readable()).toBe(true);
      expect(feed.source.take()?.text()).toBe("early");
      await feed.sink.send("hello");
      expect((await first.nextFrame()).payload.toString()).toBe("hello");
      first.socket.destroy();
      const second = new RawPeer(await target.next());
      await second.upgrade(frame(OP.text, "again"));
      expect(await feed.source.readable()).toBe(true);
      expect(feed.source.take()).toMatchObject({ epoch: 2 });
      const name = `127.0.0.1:${target.port}`;
      expect(proxy.asked).toEqual([name, name]);
    });

    it("it fails as the agent says when the proxy wants credentials, and reaches no server", async () => {
      const proxy = await startProxy("refuses");
      const target = await startTarget(scheme);
      expect(await wsErrorOf(open(target.url, through(proxy)))).toMatchObject({
        code: "ATTEMPTS_EXHAUSTED",
        cause: { kind: "connection", code: "EPROXY" },
      });
      expect(target.accepted).toHaveLength(0);
    });

    it("it fails as a connection does when the proxy goes away", async () => {
      const proxy = await startProxy("resets");
      const target = await startTarget(scheme);
      expect(await wsErrorOf(open(target.url, through(proxy)))).toMatchObject({
        cause: { kind: "connection", code: "ECONNRESET" },
      });
    });

    it("it ends at its deadline when the proxy hangs", async () => {
      const proxy = await startProxy("hangs");
      const target = await startTarget(scheme);
      const opening = open(
        target.url,
        through(proxy, { config: { ...ONCE, connect: { timeoutMs: 50 } } }),
      );
      expect(await wsErrorOf(opening)).toMatchObject({
        cause: { kind: "timeout", code: "CONNECT_TIMEOUT" },
      });
    });

    it("a tunnel that comes after the signal was aborted is let go of", async () => {
      const proxy = await startProxy("answers late");
      const target = await startTarget(scheme);
      const signal = new CountingSignal();
      const opening = open(target.url, through(proxy, { signal })).catch((error: unknown) => error);
      await proxy.reached;
      signal.abort(REASON);
      expect(await opening).toBe(REASON);
      proxy.release();
      const socket = proxy.clients[0];
      await new Promise<void>((resolve) => {
        if (socket === undefined || socket.closed) resolve();
        else socket.once("close", () => resolve());
      });
      await Promise.all(target.accepted.map(gone));
      expect(signal.listeners).toBe(0);
    });
  },
);

describe.each(LEAF_NAMES)("the %s leaf and an agent", (leaf) => {
  it.skipIf(!available)(
    "that is for ws: where wss: is dialled names the fault and dials no server",
    async () => {
      const target = await startTarget("wss");
      const options: OpenOptions = {
        transport: leaf,
        socket: { agent: new Agent() },
        tls: { ca },
        config: ONCE,
      };
      const error = await wsErrorOf(open(target.url, options));
      expect(error).toMatchObject({
        kind: "client",
        code: "ATTEMPTS_EXHAUSTED",
        cause: { code: "HANDSHAKE_OPTIONS_INVALID" },
      });
      expect(target.accepted).toHaveLength(0);
    },
  );

  it("that gives its sockets a timeout, which is meant for HTTP, has none on a connection", async () => {
    const target = await startTarget("ws");
    const agent = new Agent({ timeout: 60_000 });
    const sockets: Socket[] = [];
    Object.assign(agent, {
      createConnection: (options: NetConnectOpts) => {
        const socket = connect(options);
        sockets.push(socket);
        return socket;
      },
    });
    const opening = open(target.url, {
      transport: leaf,
      socket: { agent },
      config: { ...ONCE, shutdown: { timeoutMs: 1 } },
    });
    const peer = new RawPeer(await target.next());
    expect(sockets[0]?.timeout).toBe(60_000);
    await peer.upgrade();
    await using _feed = await opening;
    expect(sockets[0]?.timeout).toBe(0);
  });

  it("that is not an agent names the fault", async () => {
    const agent = { addRequest: 1 } as unknown as Agent;
    const error = await wsErrorOf(
      open("ws://127.0.0.1:1/", {
        transport: leaf,
        socket: { agent },
        config: { ...ONCE, attempts: { permanentRetries: 0 } },
      }),
    );
    expect(error).toMatchObject({ kind: "client", code: "HANDSHAKE_OPTIONS_INVALID" });
  });

  it("that makes the connection is asked for it, and its own failure is told", async () => {
    const agent = new Agent();
    Object.assign(agent, {
      createConnection: (_target: unknown, done: (error: Error) => void) => {
        queueMicrotask(() => done(Object.assign(new Error("no way"), { code: "EHOSTUNREACH" })));
      },
    });
    const error = await wsErrorOf(
      open("ws://127.0.0.1:1/", { transport: leaf, socket: { agent }, config: ONCE }),
    );
    expect(error).toMatchObject({ cause: { kind: "connection", code: "EHOSTUNREACH" } });
  });
});
