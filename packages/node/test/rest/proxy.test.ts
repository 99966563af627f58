import { X509Certificate } from "node:crypto";
import { inspect } from "node:util";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { nodeRuntime, nodeRuntimeWith } from "../../src/runtime/node-venue-runtime.js";
import type { NodeRuntime, NodeRuntimeOptions } from "../../src/runtime/node-venue-runtime.js";
import { LEAF_NAMES } from "../hostile/support/hostile-row.js";
import { hasOpenssl, makeCertificates } from "../support/certificates.js";
import type { Certificates } from "../support/certificates.js";
import { handshake, wsErrorOf } from "../support/connections.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import { CountingSignal } from "../support/seams.js";
import { startProxy } from "../tls/support/tunnel.js";
import type { Proxy } from "../tls/support/tunnel.js";
import { allClosed, restServer } from "./support.js";

const available = hasOpenssl();
let certs: Certificates;
let pin = "";

beforeAll(() => {
  if (!available) return;
  certs = makeCertificates();
  pin = new X509Certificate(certs.wrongHost.cert).fingerprint256;
});

afterEach(() => void vi.unstubAllEnvs());

/** How a server is trusted: not at all (no TLS), by its CA, or by its fingerprint. */
type Trust = "none" | "ca" | "pin";
const TRUSTS: readonly Trust[] = available ? ["none", "ca", "pin"] : ["none"];

function identityFor(trust: Trust): Certificates["good"] | undefined {
  if (trust === "none") return undefined;
  return trust === "ca" ? certs.good : certs.wrongHost;
}

function runtimeFor(
  trust: Trust,
  proxy: string,
  transport?: NodeRuntimeOptions["transport"],
): NodeRuntime {
  const tls = trust === "ca" ? { tls: { ca: certs.ca } } : {};
  return nodeRuntimeWith({
    transport,
    proxy,
    ...tls,
    ...(trust === "pin" && { fingerprint256: pin }),
  });
}

function get({ fetch }: NodeRuntime, url: string): ReturnType<NodeRuntime["fetch"]> {
  return fetch(url, { baseUrl: url, method: "GET", headers: {} });
}

const address = ({ port }: Proxy, credentials = ""): string =>
  `http://${credentials}127.0.0.1:${port}`;

describe.each(TRUSTS)("a runtime with a proxy, trust by %s:", (trust) => {
  it("its REST requests ask for a tunnel, with the credentials", async () => {
    const proxy = await startProxy("tunnels");
    const server = await restServer((response) => response.end("{}"), identityFor(trust));
    const runtime = runtimeFor(trust, address(proxy, "us%40er:pass@"));
    for (const times of [1, 2]) {
      expect(await get(runtime, server.url)).toMatchObject({ status: 200, body: "{}" });
      expect(proxy.asked).toEqual(Array(times).fill(new URL(server.url).host));
    }
    expect(proxy.authorizations).toEqual(Array(2).fill(`Basic ${btoa("us@er:pass")}`));
    expect(server.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
    await allClosed(server);
  });

  it.each(LEAF_NAMES)("its %s connections ask the same proxy", async (leaf) => {
    const proxy = await startProxy("tunnels");
    const identity = identityFor(trust);
    const server = await rawServer(identity && { tls: { ...identity } });
    const connector = runtimeFor(trust, address(proxy), leaf).build({
      config: { attempts: { maxAttempts: 1 }, shutdown: { timeoutMs: 1 } },
    });
    const connecting = connector.connect(handshake(server.url));
    await new RawPeer(await server.next()).upgrade();
    await using _feed = await connecting;
    expect(proxy.asked).toEqual([`127.0.0.1:${server.port}`]);
  });

  it.each([
    ["refuses", 407],
    ["forbids", 403],
    ["is overloaded", 503],
  ] as const)("one that %s is told with its status, and reaches no server", async (how, status) => {
    const proxy = await startProxy(how);
    const server = await restServer((response) => response.end("{}"), identityFor(trust));
    const asked = get(runtimeFor(trust, address(proxy, "user:canary@")), server.url);
    const error = await wsErrorOf(asked);
    expect(error).toMatchObject({
      kind: "proxy",
      code: "REST_FAILED",
      status,
      cause: { code: "PROXY_REFUSED", status },
    });
    expect(error).not.toHaveProperty("retryAfterMs");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("canary");
    expect(server.sockets).toEqual([]);
  });

  it("one that is away or resets is told as unreachable", async () => {
    const resets = await startProxy("resets");
    const server = await restServer((response) => response.end("{}"), identityFor(trust));
    for (const url of [address(resets), "http://127.0.0.1:1"]) {
      expect(await wsErrorOf(get(runtimeFor(trust, url), server.url))).toMatchObject({
        kind: "proxy",
        code: "REST_FAILED",
        cause: { code: "PROXY_UNREACHABLE" },
      });
    }
    expect(server.sockets).toEqual([]);
  });

  it("no_proxy is obeyed, and the environment only when it is asked", async () => {
    const proxy = await startProxy("tunnels");
    for (const name of ["http_proxy", "https_proxy"]) vi.stubEnv(name, address(proxy));
    const server = await restServer((response) => response.end("{}"), identityFor(trust));
    const runtime = runtimeFor(trust, "env");
    await get(runtime, server.url);
    expect(proxy.asked).toHaveLength(1);
    vi.stubEnv("no_proxy", "127.0.0.0/8");
    await get(runtime, server.url);
    if (trust === "none") await get(nodeRuntime, server.url);
    expect(proxy.asked).toHaveLength(1);
    expect(server.requests.length).toBeGreaterThan(1);
  });
});

describe("a proxy for REST", () => {
  it("that hangs, or answers late, is let go of with the request", async () => {
    for (const how of ["hangs", "answers late"] as const) {
      const proxy = await startProxy(how);
      const server = await restServer((response) => response.end("{}"));
      const signal = new CountingSignal();
      const { fetch } = nodeRuntimeWith({ proxy: address(proxy) });
      const request = { baseUrl: server.url, method: "GET", headers: {}, signal };
      const asked = fetch(server.url, request).catch((reason: unknown) => reason);
      await proxy.reached;
      signal.abort("enough");
      expect(await asked).toBe("enough");
      const [client] = proxy.clients;
      await new Promise((resolve) => client?.once("end", resolve).once("close", resolve).resume());
      proxy.release();
      await Promise.all(server.sockets.map(gone));
      expect(server.requests).toEqual([]);
      expect(signal.listeners).toBe(0);
    }
  });

  it.skipIf(!available)("does not loosen what a certificate must be", async () => {
    const proxy = await startProxy("tunnels");
    for (const [identity, options, code] of [
      [certs.wrongHost, { tls: { ca: certs.ca } }, "ERR_TLS_CERT_ALTNAME_INVALID"],
      [certs.expired, { tls: { ca: certs.ca } }, "CERT_HAS_EXPIRED"],
      [certs.good, { fingerprint256: pin }, "CERT_FINGERPRINT_MISMATCH"],
    ] as const) {
      const server = await restServer((response) => response.end("{}"), identity);
      const runtime = nodeRuntimeWith({ ...options, proxy: address(proxy) });
      expect(await wsErrorOf(get(runtime, server.url))).toMatchObject({
        code: "REST_FAILED",
        cause: { code },
      });
      expect(server.requests).toEqual([]);
    }
  });

  it("is refused when it is none, without its password", () => {
    const make = (): unknown => nodeRuntimeWith({ proxy: "socks5://user:canary@127.0.0.1:1" });
    expect(make).toThrowError(/proxy: must be/);
    expect(make).not.toThrowError(/canary/);
  });
});
