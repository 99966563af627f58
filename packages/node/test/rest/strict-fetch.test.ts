import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import type { WsError } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import { describe, expect, it, onTestFinished } from "vitest";
import { nodeRuntime } from "../../src/runtime/node-venue-runtime.js";
import type { StrictRequest } from "../../src/rest/strict-fetch.js";
import { allClosed, restServer } from "./support.js";

const { fetch } = nodeRuntime;

/** Where a secret may stand in a request. */
const CANARY = {
  path: "/canary-path?signature=canary-query",
  headers: {
    "X-MBX-APIKEY": "canary-key",
    Cookie: "c=canary-cookie",
    Authorization: "canary-token",
  },
};

function get(url: string, more: Partial<StrictRequest> = {}): ReturnType<typeof fetch> {
  return fetch(url + CANARY.path, {
    baseUrl: url,
    method: "GET",
    headers: CANARY.headers,
    ...more,
  });
}

async function failureOf(asked: Promise<unknown>): Promise<WsError> {
  const error = await asked.then(
    () => new Error("it was answered"),
    (reason: unknown) => reason,
  );
  if (!isWsError(error)) throw error;
  expect(inspect(error, { depth: 9, showHidden: true, getters: true })).not.toContain("canary");
  return error;
}

describe("a request", () => {
  it("arrives as it was given, and its answer comes back whole", async () => {
    const server = await restServer((response, request) => {
      response.writeHead(418, { "X-Why": ["a", "b"], "set-cookie": ["a=1; Path=/", "b=2"] });
      request.pipe(response);
    });
    const asked = {
      baseUrl: `${server.url}/v1/api`,
      method: "POST",
      headers: { "X-Key": "k" },
      body: '{"ü":1}',
    };
    const answer = await fetch(`${server.url}/v1/api/y?z=1`, asked);
    expect(answer).toMatchObject({ status: 418, cookies: ["a=1; Path=/", "b=2"], body: '{"ü":1}' });
    expect(answer.headers).toMatchObject({ "x-why": "a, b" });
    expect(answer.headers).not.toHaveProperty("set-cookie");
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", url: "/v1/api/y?z=1" });
    expect(request?.headers).toMatchObject({
      "x-key": "k",
      "content-length": "8",
      "accept-encoding": "identity",
      connection: "close",
    });
    await allClosed(server);
  });

  it("keeps its bounds whatever the caller's headers say", async () => {
    const server = await restServer((response) => response.end("{}"));
    const headers = {
      "Accept-Encoding": "gzip",
      Connection: "keep-alive",
      "Content-Length": "9",
      "Transfer-Encoding": "chunked",
    };
    expect((await get(server.url, { method: "POST", headers, body: "{}" })).body).toBe("{}");
    expect(server.requests[0]?.headers).toMatchObject({
      "accept-encoding": "identity",
      connection: "close",
      "content-length": "2",
    });
    expect(server.requests[0]?.headers).not.toHaveProperty("transfer-encoding");
    await allClosed(server);
  });

  it.each([
    ["to another port", (url: string) => `${url}0/x`],
    ["to another host", (url: string) => url.replace("127.0.0.1", "localhost")],
    ["to another scheme", (url: string) => url.replace("http:", "https:")],
    ["whose path makes the host a user name", (url: string) => `${url}@localhost/x`],
    ["whose path makes the host longer", (url: string) => `${url}.example.test/x`],
    ["to no address", () => "canary"],
    ["to a file", () => "file:///etc/canary"],
  ])("%s than its base address is refused, and nothing is sent", async (_, other) => {
    const server = await restServer((response) => response.end("{}"));
    const asked = fetch(other(server.url), {
      baseUrl: server.url,
      method: "GET",
      headers: CANARY.headers,
    });
    expect(await failureOf(asked)).toMatchObject({ code: "REST_REQUEST_INVALID", kind: "client" });
    expect(server.sockets).toEqual([]);
  });

  it.each([
    ["a header that breaks the line", { headers: { "x-key": "canary\r\nx: y" } }],
    ["a header without a value", { headers: { "x-key": undefined as unknown as string } }],
    ["a method that is none", { method: "no method" }],
    ["a body that is no text", { body: { canary: 1 } as unknown as string }],
    ["a base address that is none", { baseUrl: "canary" }],
    ["a base address of another kind", { baseUrl: "ws://127.0.0.1" }],
  ])("with %s is refused, and nothing is sent or shown", async (_, more) => {
    const server = await restServer((response) => response.end("{}"));
    expect(await failureOf(get(server.url, more))).toMatchObject({
      code: "REST_REQUEST_INVALID",
      kind: "client",
    });
    expect(server.requests).toEqual([]);
  });
});

describe("an answer that is refused", () => {
  it.each([301, 302, 303, 307, 308])("is a %i: the other host sees nothing", async (status) => {
    const other = await restServer((response) => response.end("{}"));
    const location = `${other.url}/canary?canary=1`;
    const server = await restServer((response) =>
      response.writeHead(status, { location }).end("canary"),
    );
    for (const method of ["GET", "POST"]) {
      const error = await failureOf(get(server.url, { method }));
      expect(error).toMatchObject({ code: "REST_REDIRECTED", kind: "server", status });
      expect(error.message).toContain(
        `${method} ${server.url}: answered ${status} with a redirect to ${other.url};`,
      );
    }
    expect(server.requests).toHaveLength(2);
    expect(other.sockets).toEqual([]);
    await allClosed(server);
  });

  it.each([
    [300, {}],
    [304, {}],
    [302, { location: "http://[canary" }],
    [302, { location: "/canary" }],
  ])("is any other 3xx: %i %j", async (status, headers) => {
    const server = await restServer((response) => response.writeHead(status, headers).end());
    expect(await failureOf(get(server.url))).toMatchObject({ code: "REST_REDIRECTED", status });
    expect(server.requests).toHaveLength(1);
  });

  it("is longer than the bound, and what is read of it stays bounded", async () => {
    const chunk = Buffer.alloc(65_536, 0x20);
    const server = await restServer((response) => {
      const write = (): void => {
        while (!response.destroyed && response.write(chunk)) {
          // Until the socket is full.
        }
      };
      response.on("drain", write);
      write();
    });
    const maxBodyBytes = 1_048_576;
    const error = await failureOf(get(server.url, { maxBodyBytes }));
    expect(error).toMatchObject({ code: "REST_TOO_BIG", kind: "server", status: 200 });
    expect(error.message).toContain(`${maxBodyBytes} bytes`);
    await allClosed(server);
    // What the kernel's buffers took on top was never read.
    expect(server.sockets[0]?.bytesWritten).toBeLessThan(16 * maxBodyBytes);
  });

  it("says itself that it is longer than the bound: none of it is read", async () => {
    const server = await restServer((response) => {
      response.writeHead(200, { "content-length": 2 ** 40 });
      response.write("x");
    });
    expect(await failureOf(get(server.url))).toMatchObject({ code: "REST_TOO_BIG" });
    await allClosed(server);
  });

  it("may be as long as the bound", async () => {
    const server = await restServer((response) => response.end("12345"));
    expect((await get(server.url, { maxBodyBytes: 5 })).body).toBe("12345");
    expect(await failureOf(get(server.url, { maxBodyBytes: 4 }))).toMatchObject({
      code: "REST_TOO_BIG",
    });
  });

  it.each(["gzip", "deflate", "br", "GZIP", "identity, gzip", "zstd"])(
    "is encoded: %s",
    async (encoding) => {
      const bomb = gzipSync(Buffer.alloc(16 * 1_048_576, 0x20), { level: 9 });
      const server = await restServer((response) =>
        response.writeHead(200, { "content-encoding": encoding }).end(bomb),
      );
      expect(await failureOf(get(server.url))).toMatchObject({
        code: "REST_ENCODED",
        kind: "server",
        status: 200,
      });
      await allClosed(server);
    },
  );

  it("still says for how long to stay away", async () => {
    const server = await restServer((response) =>
      response
        .writeHead(429, { "content-encoding": "gzip", "retry-after": "99999999999" })
        .end("x"),
    );
    expect(await failureOf(get(server.url))).toMatchObject({
      status: 429,
      retryAfterMs: 86_400_000,
    });
  });
});

describe("an answer that does not come", () => {
  it.each([
    ["at all", () => undefined],
    ["to an end", (response: { write(text: string): unknown }) => void response.write("canary")],
  ])("%s is given up in time, and its connection ends", async (_, answer) => {
    const server = await restServer(answer);
    expect(await failureOf(get(server.url, { timeoutMs: 50 }))).toMatchObject({
      code: "REST_TIMEOUT",
      kind: "timeout",
    });
    await allClosed(server);
  });

  it("is given up with the caller, who is told the reason", async () => {
    const controller = new AbortController();
    const reason = new Error("not wanted");
    const server = await restServer(() => controller.abort(reason));
    await expect(get(server.url, { signal: controller.signal })).rejects.toBe(reason);
    await expect(get(server.url, { signal: controller.signal })).rejects.toBe(reason);
    await allClosed(server);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ["the connection ends before it", "", "connection"],
    ["the connection ends in its head", "HTTP/1.1 200 OK\r\nset-coo", "connection"],
    [
      "the connection ends in its body",
      "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
      "connection",
    ],
    [
      "the connection ends in a chunk",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{}",
      "connection",
    ],
    [
      "it upgrades to something else",
      "HTTP/1.1 101 S\r\nconnection: upgrade\r\nupgrade: canary\r\n\r\n",
      "connection",
    ],
    ["what comes is no HTTP", "canary canary\r\n\r\n", "server"],
  ])("because %s", async (_, text, kind) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end(text));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await failureOf(get(`http://127.0.0.1:${port}`))).toMatchObject({
      code: "REST_FAILED",
      kind,
    });
  });

  it("because the port is closed", async () => {
    const error = await failureOf(get("http://127.0.0.1:1"));
    expect(error).toMatchObject({
      code: "REST_FAILED",
      kind: "connection",
      cause: { code: "ECONNREFUSED" },
    });
  });

  it("is whole when it ends with the connection", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\n{}"));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await get(`http://127.0.0.1:${port}`)).toMatchObject({ status: 200, body: "{}" });
  });
});
