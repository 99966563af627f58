import { createServer } from "node:http";
import { ConfigError } from "@oath-ws/contract";
import { networkListen } from "oath-ws/leaf";
import { describe, expect, it } from "vitest";
import { Rig } from "./rig.js";

/** A server that answers every request with its method, target and body. */
function echo(rig: Rig, port = 443): void {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.url === "/redirect") {
        response.writeHead(302, { Location: "https://elsewhere.test/", "Retry-After": "7" }).end();
        return;
      }
      if (request.url === "/never") return;
      response.setHeader("Set-Cookie", ["a=1", "b=2"]);
      response.end(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
    });
  });
  networkListen(rig.server, port, (stream) => server.emit("connection", stream));
}

const BASE = "https://venue.test";

function ask(rig: Rig, path: string, body?: string): Promise<unknown> {
  const { fetch } = rig.runtime;
  const method = body === undefined ? "GET" : "POST";
  const asked = fetch(`${BASE}${path}`, { baseUrl: BASE, method, headers: {}, body });
  return rig.world.complete(asked.catch((error: unknown) => error));
}

describe("the strict fetch over the virtual network", () => {
  it("asks, sends a body, and gets the whole answer", async () => {
    const rig = new Rig(1, { segmentBytes: 10, partialReads: 0.5 });
    echo(rig);
    expect(await ask(rig, "/a?b=1")).toMatchObject({ status: 200, body: "GET /a?b=1 " });
    expect(await ask(rig, "/c", "hello".repeat(10))).toMatchObject({
      body: `POST /c ${"hello".repeat(10)}`,
      cookies: ["a=1", "b=2"],
    });
    await rig.world.run(1_000);
    expect(rig.network.connections).toEqual([]);
  });

  it.each([
    ["/redirect", {}, { code: "REST_REDIRECTED", retryAfterMs: 7_000 }],
    ["/never", {}, { code: "REST_TIMEOUT" }],
    ["/a", { dns: "not-found" }, { code: "REST_FAILED", kind: "connection" }],
    ["/a", { connect: "refuse" }, { code: "REST_FAILED", kind: "connection" }],
    ["/a", { tls: "CERT_HAS_EXPIRED" }, { code: "REST_FAILED", kind: "connection" }],
    ["/a", { connect: "hang" }, { code: "REST_TIMEOUT" }],
  ] as const)("%s over a link with %j fails", async (path, settings, error) => {
    const rig = new Rig(1, settings);
    echo(rig);
    expect(await ask(rig, path)).toMatchObject(error);
    await rig.world.run(1_000);
    expect(rig.client.timer.pendingCount).toBe(0);
  });

  it("goes to port 80 for http:", async () => {
    const rig = new Rig();
    echo(rig, 80);
    const baseUrl = "http://venue.test";
    const asked = rig.runtime.fetch(`${baseUrl}/x`, { baseUrl, method: "GET", headers: {} });
    expect(await rig.world.complete(asked)).toMatchObject({ status: 200 });
  });
});

describe("build() of the runtime", () => {
  it("refuses what it does not know, and what does not go with a network", () => {
    const { runtime } = new Rig();
    expect(() => runtime.build({ colour: "red" } as never)).toThrow(ConfigError);
    expect(() => runtime.build({ transport: "ws" })).toThrow(/must be "direct"/);
    expect(() => runtime.build({ proxy: "http://proxy.test" })).toThrow(
      /cannot be used beside proxy/,
    );
  });

  it("spaces the dials of all its connectors by one gate", async () => {
    const rig = new Rig(1, { connect: "refuse" });
    const config = { attempts: { max: 4, windowMs: 60_000 }, backoff: { minMs: 1, maxMs: 1 } };
    const dials = [1, 2, 3].map(() => rig.connect({ config }, { awaitFirst: false }));
    await rig.world.complete(Promise.all(dials));
    await rig.world.run(50_000);
    // Connections that never stood leave a quarter of the slots free.
    expect(rig.network.dials).toBe(3);
  });
});
