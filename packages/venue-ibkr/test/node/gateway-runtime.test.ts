import { build, nodeRuntime } from "oath-ws";
import { describe, expect, it } from "vitest";
import { gatewayRuntime } from "@oath-ws/venue-ibkr/node";
import type { GatewayTrust, PlatformRuntime } from "@oath-ws/venue-ibkr/node";
import { selfSigned } from "../support/certificates.js";
import { live, openClient, openSession, startVenue, until } from "../support/venue.js";
import type { IbkrSim } from "../support/venue.js";

const GATEWAY = selfSigned("DNS:localhost,IP:127.0.0.1");
/** As the real one may be: for no name that anybody calls it by. */
const NAMELESS = selfSigned("DNS:gateway.invalid");
const OTHER = selfSigned("DNS:localhost,IP:127.0.0.1");

const LEAVES: Readonly<Record<"ws" | "direct", PlatformRuntime>> = {
  ws: nodeRuntime,
  direct: { ...nodeRuntime, build: (settings) => build({ ...settings, leaf: "direct" }) },
};

function startTls({ cert, key } = GATEWAY): Promise<IbkrSim> {
  return startVenue({ tls: { cert, key } });
}

describe.each(["ws", "direct"] as const)("a gateway with a self-signed certificate, over the %s leaf", (leaf) => {
  it.each([
    { how: "given as CA", identity: GATEWAY, trust: { ca: GATEWAY.cert } },
    { how: "among several CAs", identity: GATEWAY, trust: { ca: [OTHER.cert, GATEWAY.cert] } },
    { how: "given as CA under another name", identity: NAMELESS, trust: { ca: NAMELESS.cert, servername: "gateway.invalid" } },
    { how: "pinned", identity: GATEWAY, trust: { fingerprint256: GATEWAY.fingerprint256 } },
    { how: "pinned, whatever its names", identity: NAMELESS, trust: { fingerprint256: NAMELESS.fingerprint256 } },
    {
      how: "pinned in small letters without colons",
      identity: GATEWAY,
      trust: { fingerprint256: GATEWAY.fingerprint256.replaceAll(":", "").toLowerCase() },
    },
  ] satisfies { how: string; identity: typeof GATEWAY; trust: GatewayTrust }[])(
    "is trusted when it is $how: REST and WebSocket, again after a break",
    async ({ identity, trust }) => {
      const sim = await startTls(identity);
      const runtime = gatewayRuntime(LEAVES[leaf], trust);
      const session = openSession(sim, { runtime });
      const quotes = openClient(sim, session, { runtime }).subscribe("smd+265598");
      await until(quotes.state, live);
      sim.faults.dropConnections();
      await until(quotes.state, ({ phase, epoch }) => phase === "live" && epoch === 2);
      expect(sim.stats().connects.map(({ login }) => login)).toEqual(["gateway-cookie", "gateway-cookie"]);
    },
  );

  it.each([
    { how: "nobody is", trust: undefined, code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    { how: "another CA is", trust: { ca: OTHER.cert }, code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    {
      how: "it is under another name",
      trust: { ca: GATEWAY.cert, servername: "elsewhere" },
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    },
    { how: "another one is pinned", trust: { fingerprint256: OTHER.fingerprint256 }, code: "CERT_FINGERPRINT_MISMATCH" },
  ] satisfies { how: string; trust: GatewayTrust | undefined; code: string }[])(
    "is told nothing when $how trusted, and the reason is told",
    async ({ trust, code }) => {
      const sim = await startTls();
      const good = gatewayRuntime(LEAVES[leaf], { ca: GATEWAY.cert });
      const runtime = trust === undefined ? { ...LEAVES[leaf], fetch: nodeRuntime.fetch } : gatewayRuntime(LEAVES[leaf], trust);
      // REST.
      const strict = openSession(sim, { runtime });
      const failure = await strict.request({ method: "GET", path: "/tickle" }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "REST_FAILED", kind: "connection" });
      const { cause } = failure as { cause: { code?: string; cause?: { code?: string } } };
      expect([cause.code, cause.cause?.code]).toContain(code);
      expect(sim.stats().requests).toEqual([]);
      // The WebSocket, with a session from somewhere else.
      const session = openSession(sim, { runtime: good });
      const client = openClient(sim, session, { runtime });
      client.subscribe("spl");
      await until(session.state, ({ phase }) => phase === "ready");
      await expect.poll(() => client.connections[0]?.lifecycle.snapshot.cause?.code, { timeout: 10_000 }).toBe(code);
      expect(sim.stats()).toMatchObject({ accepted: 0, connects: [] });
    },
  );
});

it("does not heed NODE_TLS_REJECT_UNAUTHORIZED", async () => {
  const sim = await startTls();
  const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  try {
    for (const trust of [{ ca: OTHER.cert }, { fingerprint256: OTHER.fingerprint256 }]) {
      const { fetch } = gatewayRuntime(nodeRuntime, trust);
      const { signal } = new AbortController();
      await expect(fetch(`${sim.url}/tickle`, { method: "POST", headers: {}, signal })).rejects.toThrow();
    }
    expect(sim.stats().requests).toEqual([]);
  } finally {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
  }
});

it.each([
  [{}, /either ca or fingerprint256/],
  [{ ca: GATEWAY.cert, fingerprint256: GATEWAY.fingerprint256 }, /either ca or fingerprint256/],
  [{ fingerprint256: "5F:01" }, /64 hexadecimal digits/],
  [{ fingerprint256: GATEWAY.fingerprint256, servername: "x" }, /servername/],
  [{ ca: "no certificate" }, /no certificate in PEM/],
  [{ ca: [] }, /no certificate in PEM/],
  [{ ca: GATEWAY.cert, rejectUnauthorized: false }, /rejectUnauthorized: is not an option/],
])("refuses trust that cannot work: %#", (trust, message) => {
  expect(() => gatewayRuntime(nodeRuntime, trust as GatewayTrust)).toThrowError(message);
});

it("speaks plain HTTP and WebSocket where the address says so, as in a container", async () => {
  const sim = await startVenue();
  const runtime = gatewayRuntime(nodeRuntime, { ca: GATEWAY.cert });
  const session = openSession(sim, { runtime });
  await until(openClient(sim, session, { runtime }).subscribe("smd+265598").state, live);
});
