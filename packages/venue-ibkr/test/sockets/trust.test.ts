import { nodeRuntime, nodeRuntimeWith } from "oath-ws";
import type { NodeRuntimeOptions } from "oath-ws";
import { describe, expect, it } from "vitest";
import { selfSigned } from "../support/certificates.js";
import { live, openClient, openSession, startVenue, until } from "../support/venue.js";
import type { IbkrSim } from "../support/venue.js";

const GATEWAY = selfSigned("DNS:localhost,IP:127.0.0.1");
/** As the real one may be: for no name that anybody calls it by. */
const NAMELESS = selfSigned("DNS:gateway.invalid");
const OTHER = selfSigned("DNS:localhost,IP:127.0.0.1");

function startTls({ cert, key } = GATEWAY): Promise<IbkrSim> {
  return startVenue({ tls: { cert, key } });
}

describe.each(["ws", "direct"] as const)(
  "a gateway with a self-signed certificate, over the %s leaf",
  (leaf) => {
    it.each([
      { how: "given as CA", identity: GATEWAY, trust: { tls: { ca: GATEWAY.cert } } },
      {
        how: "among several CAs",
        identity: GATEWAY,
        trust: { tls: { ca: [OTHER.cert, GATEWAY.cert] } },
      },
      {
        how: "given as CA under another name",
        identity: NAMELESS,
        trust: { tls: { ca: NAMELESS.cert, servername: "gateway.invalid" } },
      },
      { how: "pinned", identity: GATEWAY, trust: { fingerprint256: GATEWAY.fingerprint256 } },
      {
        how: "pinned, whatever its names",
        identity: NAMELESS,
        trust: { fingerprint256: NAMELESS.fingerprint256 },
      },
      {
        how: "pinned in small letters without colons",
        identity: GATEWAY,
        trust: { fingerprint256: GATEWAY.fingerprint256.replaceAll(":", "").toLowerCase() },
      },
    ] satisfies { how: string; identity: typeof GATEWAY; trust: NodeRuntimeOptions }[])(
      "is trusted when it is $how: REST and WebSocket, again after a break",
      async ({ identity, trust }) => {
        const sim = await startTls(identity);
        const runtime = nodeRuntimeWith({ transport: leaf, ...trust });
        const session = openSession(sim, { runtime });
        const quotes = openClient(sim, session, { runtime }).subscribe("smd+265598");
        await until(quotes.state, live);
        sim.faults.dropConnections();
        await until(quotes.state, ({ phase, epoch }) => phase === "live" && epoch === 2);
        expect(sim.stats().connects.map(({ login }) => login)).toEqual([
          "gateway-cookie",
          "gateway-cookie",
        ]);
      },
    );

    it.each([
      { how: "no server is", trust: {}, code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
      {
        how: "another CA is",
        trust: { tls: { ca: OTHER.cert } },
        code: "DEPTH_ZERO_SELF_SIGNED_CERT",
      },
      {
        how: "it is under another name",
        trust: { tls: { ca: GATEWAY.cert, servername: "elsewhere" } },
        code: "ERR_TLS_CERT_ALTNAME_INVALID",
      },
      {
        how: "another one is pinned",
        trust: { fingerprint256: OTHER.fingerprint256 },
        code: "CERT_FINGERPRINT_MISMATCH",
      },
    ] satisfies { how: string; trust: NodeRuntimeOptions; code: string }[])(
      "is told nothing when $how trusted, and the reason is told",
      async ({ trust, code }) => {
        const sim = await startTls();
        const good = nodeRuntimeWith({ transport: leaf, tls: { ca: GATEWAY.cert } });
        const runtime = nodeRuntimeWith({ transport: leaf, ...trust });
        // REST.
        const strict = openSession(sim, { runtime });
        const failure = await strict
          .request({ method: "GET", path: "/tickle" })
          .catch((error: unknown) => error);
        expect(failure).toMatchObject({ code: "REST_FAILED", kind: "connection" });
        expect(failure).toMatchObject({ cause: { code } });
        expect(sim.stats().requests).toEqual([]);
        // The WebSocket, with a session from somewhere else.
        const session = openSession(sim, { runtime: good });
        const client = openClient(sim, session, { runtime });
        client.subscribe("spl");
        await until(session.state, ({ phase }) => phase === "ready");
        await expect
          .poll(() => client.connections[0]?.lifecycle.snapshot.cause?.code, { timeout: 10_000 })
          .toBe(code);
        expect(sim.stats()).toMatchObject({ accepted: 0, connects: [] });
      },
    );
  },
);

it("the client does not heed NODE_TLS_REJECT_UNAUTHORIZED", async () => {
  const sim = await startTls();
  const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  try {
    const { fingerprint256 } = OTHER;
    const pinned = nodeRuntimeWith({ fingerprint256 });
    for (const { fetch } of [nodeRuntime, nodeRuntimeWith({ tls: { ca: OTHER.cert } }), pinned]) {
      const asked = fetch(`${sim.url}/tickle`, { baseUrl: sim.url, method: "POST", headers: {} });
      await expect(asked).rejects.toMatchObject({ code: "REST_FAILED", kind: "connection" });
    }
    expect(sim.stats().requests).toEqual([]);
  } finally {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
  }
});

it("the client speaks plain HTTP and WebSocket where the address says so, as in a container", async () => {
  const sim = await startVenue();
  const runtime = nodeRuntimeWith({ tls: { ca: GATEWAY.cert } });
  const session = openSession(sim, { runtime });
  await until(openClient(sim, session, { runtime }).subscribe("smd+265598").state, live);
});
