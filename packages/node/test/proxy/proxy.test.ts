import { inspect } from "node:util";
import { AttemptGate, isConfigError, open } from "oath-ws";
import type { OpenOptions, TraceEvent } from "oath-ws";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { LEAF_NAMES, LEAVES } from "../hostile/support/hostile-row.js";
import { hasOpenssl } from "../support/certificates.js";
import type { Identity } from "../support/certificates.js";
import { connect, wsErrorOf } from "../support/connections.js";
import { frame, OP } from "../support/frames.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import type { RawServer } from "../support/raw-server.js";
import { CountingSignal } from "../support/seams.js";
import { Authority } from "../tls/support/authority.js";
import { startProxy } from "../tls/support/tunnel.js";
import type { Proxy } from "../tls/support/tunnel.js";

const available = hasOpenssl();
const ONCE = { attempts: { maxAttempts: 1 }, backoff: { minMs: 1, maxMs: 1 } } as const;

let ca = "";
let identity: Identity = { cert: "", key: "" };
let otherHost: Identity = { cert: "", key: "" };

beforeAll(() => {
  if (!available) return;
  const authority = new Authority();
  ca = authority.ca;
  identity = authority.issue();
  otherHost = authority.issue({ san: "DNS:other.test" });
  authority.remove();
});

afterEach(() => void vi.unstubAllEnvs());

const SCHEMES = available ? (["ws", "wss"] as const) : (["ws"] as const);
const CASES = LEAF_NAMES.flatMap((leaf) => SCHEMES.map((scheme) => ({ leaf, scheme })));
const target = (scheme: "ws" | "wss"): Promise<RawServer> =>
  rawServer(scheme === "ws" ? {} : { tls: { ...identity } });
const address = ({ port }: Proxy, credentials = ""): string =>
  `http://${credentials}127.0.0.1:${port}`;

describe.each(CASES)("$scheme through a proxy, by the $leaf leaf:", ({ leaf, scheme }) => {
  const through = (proxy: string, more: OpenOptions = {}): OpenOptions => ({
    transport: leaf,
    proxy,
    ...(scheme === "ws" ? {} : { tls: { ca } }),
    config: ONCE,
    gate: new AttemptGate(),
    ...more,
  });

  it("it asks for a tunnel, with the credentials, and again at a reconnect", async () => {
    const proxy = await startProxy("tunnels");
    const server = await target(scheme);
    const config = { backoff: { minMs: 1, maxMs: 1 }, shutdown: { timeoutMs: 1 } };
    const opening = open(server.url, through(address(proxy, "us%40er:pass@"), { config }));
    const first = new RawPeer(await server.next());
    const request = await first.upgrade(frame(OP.text, "early"));
    await using feed = await opening;
    expect(request).not.toMatch(/proxy-auth/i);
    expect(await feed.source.readable()).toBe(true);
    expect(feed.source.take()?.text()).toBe("early");
    first.socket.destroy();
    await new RawPeer(await server.next()).upgrade(frame(OP.text, "again"));
    expect(await feed.source.readable()).toBe(true);
    const name = `127.0.0.1:${server.port}`;
    expect(proxy.asked).toEqual([name, name]);
    expect(proxy.authorizations).toEqual(Array(2).fill(`Basic ${btoa("us@er:pass")}`));
  });

  it.each([
    ["refuses", 407],
    ["forbids", 403],
    ["is overloaded", 503],
  ] as const)("one that %s is told with its status, and reaches no server", async (how, status) => {
    const proxy = await startProxy(how);
    const server = await target(scheme);
    const error = await wsErrorOf(open(server.url, through(address(proxy, "user:canary@"))));
    expect(error.cause).toMatchObject({ kind: "proxy", code: "PROXY_REFUSED", status });
    expect(error.cause).not.toHaveProperty("retryAfterMs");
    expect(server.accepted).toHaveLength(0);
    expect(inspect(error, { depth: 9 })).not.toContain("canary");
  });

  it("its 407 is permanent, and everything else passes", async () => {
    const proxy = await startProxy("refuses");
    const server = await target(scheme);
    const permanent = { attempts: { permanentRetries: 0 } };
    const opening = open(server.url, through(address(proxy), { config: permanent }));
    expect(await wsErrorOf(opening)).toMatchObject({ code: "PROXY_REFUSED", status: 407 });
    expect(proxy.asked).toHaveLength(1);
  });

  it("its Retry-After keeps no caller away from the venue", async () => {
    const proxy = await startProxy("is overloaded");
    const server = await target(scheme);
    const failures: TraceEvent[] = [];
    const retried = new Promise<void>((resolve) => {
      const tracer = {
        trace: (event: TraceEvent) => {
          if (event.kind === "failure" && failures.push(event) === 3) resolve();
        },
      };
      const signal = AbortSignal.timeout(15_000);
      const config = { backoff: { minMs: 1, maxMs: 1 } };
      void open(server.url, through(address(proxy), { config, tracer, signal })).catch(() => 0);
    });
    await retried;
    expect(failures).toHaveLength(3);
  });

  it("one that is away, resets or speaks no HTTP is told as unreachable", async () => {
    const server = await target(scheme);
    const resets = await startProxy("resets");
    const mute = await rawServer();
    void mute.next().then((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    const urls = [address(resets), "http://127.0.0.1:1", `http://127.0.0.1:${mute.port}`];
    for (const proxy of urls) {
      const error = await wsErrorOf(open(server.url, through(proxy)));
      expect(error.cause).toMatchObject({ kind: "proxy", code: "PROXY_UNREACHABLE" });
    }
    expect(server.accepted).toHaveLength(0);
  });

  it("one that hangs, or answers late, is let go of with the attempt", async () => {
    for (const how of ["hangs", "answers late"] as const) {
      const proxy = await startProxy(how);
      const server = await target(scheme);
      const signal = new CountingSignal();
      const opening = open(server.url, through(address(proxy), { signal })).catch(() => "aborted");
      await proxy.reached;
      signal.abort("enough");
      expect(await opening).toBe("aborted");
      const [client] = proxy.clients;
      await new Promise((resolve) => client?.once("end", resolve).once("close", resolve).resume());
      proxy.release();
      await Promise.all(server.accepted.map(gone));
      expect(signal.listeners).toBe(0);
    }
  });

  it('with "env" the environment decides, and no_proxy is obeyed', async () => {
    const proxy = await startProxy("tunnels");
    for (const name of ["http_proxy", "https_proxy"]) vi.stubEnv(name, address(proxy));
    for (const [exempt, asked] of [
      ["other.test", 1],
      ["127.0.0.0/8", 1],
    ] as const) {
      vi.stubEnv("no_proxy", exempt);
      const server = await target(scheme);
      const config = { ...ONCE, shutdown: { timeoutMs: 1 } };
      const opening = open(server.url, through("env", { config }));
      await new RawPeer(await server.next()).upgrade();
      await using _feed = await opening;
      expect(proxy.asked).toHaveLength(asked);
    }
  });

  it("tells the phases of the dial in order", async () => {
    const proxy = await startProxy("tunnels");
    const server = await target(scheme);
    const phases: string[] = [];
    const connector = LEAVES[leaf]({
      proxy: address(proxy),
      ...(scheme === "ws" ? {} : { tls: { ca } }),
    });
    const connecting = connect(connector, server.url, {
      onPhase: (phase) => phases.push(phase),
    });
    await new RawPeer(await server.next()).upgrade();
    (await connecting).destroy();
    expect(phases).toEqual(scheme === "ws" ? ["tcp", "upgrade"] : ["tcp", "tls", "upgrade"]);
  });
});

describe.each(LEAF_NAMES)("a proxy and the %s leaf:", (leaf) => {
  it.skipIf(!available)("the certificate must be for the URL's host", async () => {
    const proxy = await startProxy("tunnels");
    const server = await rawServer({ tls: { ...otherHost } });
    const headers = { Host: "other.test" };
    const options = { transport: leaf, proxy: address(proxy), tls: { ca }, headers, config: ONCE };
    expect(await wsErrorOf(open(server.url, options))).toMatchObject({
      cause: { kind: "connection", code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
  });

  it("is no option beside an agent", async () => {
    const error: unknown = await open("ws://127.0.0.1:1/", {
      transport: leaf,
      proxy: "http://127.0.0.1:1",
      socket: { createConnection: () => undefined as never },
    }).catch((reason: unknown) => reason);
    expect(isConfigError(error) && error.issues.map(({ path }) => path)).toEqual([
      "socket.createConnection",
    ]);
  });
});
