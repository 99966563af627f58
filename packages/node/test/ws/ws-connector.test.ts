import { once } from "node:events";
import { Agent, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect as netConnect } from "node:net";
import { inspect } from "node:util";
import { isConfigError } from "@oath-ws/contract";
import type { WsError } from "@oath-ws/contract";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { wsConnector } from "../../src/ws/ws-connector.js";
import type { WsConnectorOptions } from "../../src/options/ws-connector-options.js";
import {
  connect,
  handshake,
  rawPair,
  readAll,
  wsErrorOf,
  wsServer,
} from "../support/connections.js";
import { closePayload, frame, OP, switchingProtocols } from "../support/frames.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import { ManualTimer } from "../support/seams.js";

const CANARY = "canary-0xBEEF";

/** An error must not show a secret however it is printed. */
function expectNoCanary(error: unknown): void {
  expect(inspect(error, { depth: 20, showHidden: false })).not.toContain(CANARY);
  expect(JSON.stringify(error)).not.toContain(CANARY);
  expect(String(error)).not.toContain(CANARY);
}

/**
 * Connects to a server that answers the upgrade with these bytes; the request is put in for
 * `$accept`.
 */
async function answered(
  answer: string | ((request: string) => string),
  protocols: string[] = [],
  options?: WsConnectorOptions,
): Promise<WsError> {
  const server = await rawServer();
  const failure = wsErrorOf(
    LeafRecorder.connect(
      wsConnector(options),
      handshake(`${server.url}?token=${CANARY}`, { protocols, headers: { authorization: CANARY } }),
    ),
  );
  const peer = new RawPeer(await server.next());
  const left = gone(peer.socket);
  const request = await peer.request();
  peer.socket.write(typeof answer === "string" ? answer : answer(request));
  const error = await failure;
  await left;
  expectNoCanary(error);
  return error;
}

describe("a connection", () => {
  it("carries the handshake's headers and subprotocols, and tells which was chosen", async () => {
    const { url, server } = await wsServer({
      handleProtocols: (offered) => [...offered][1] ?? false,
    });
    const accepted = once(server, "connection");
    const connection = await connect(
      wsConnector(),
      handshake(`${url}path?q=1`, {
        protocols: ["v1", "v2"],
        headers: { "X-Key": "k", Host: "other.test" },
      }),
    );
    expect(connection.connection.protocol).toBe("v2");
    expect(connection.connection.controlFrames).toBe(true);
    const request = (await accepted)[1] as { url: string; headers: Record<string, string> };
    expect(request.url).toBe("/path?q=1");
    expect(request.headers).toMatchObject({
      "x-key": "k",
      host: "other.test",
      "sec-websocket-protocol": "v1,v2",
    });
    // Nothing is offered or told that was not asked for.
    expect(request.headers).not.toHaveProperty("sec-websocket-extensions");
    expect(request.headers).not.toHaveProperty("user-agent");
    expect(request.headers).not.toHaveProperty("origin");
  });

  it("has no subprotocol when none was offered", async () => {
    const { connection } = await rawPair();
    expect(connection.connection.protocol).toBe("");
  });

  it("takes an upper-case scheme and user info", async () => {
    const { url, server } = await wsServer();
    const accepted = once(server, "connection");
    await connect(wsConnector(), url.replace("ws://", "WS://user:pass@"));
    const request = (await accepted)[1] as { headers: Record<string, string> };
    expect(request.headers["authorization"]).toBe(
      `Basic ${Buffer.from("user:pass").toString("base64")}`,
    );
  });

  it("loses nothing that comes in one packet with the 101", async () => {
    const early = Buffer.concat([
      frame(OP.text, "a"),
      frame(OP.binary, "b"),
      frame(OP.ping, "c"),
      frame(OP.close, closePayload(4000, "bye")),
    ]);
    const { connection } = await rawPair({ early });
    // The reader comes late on purpose.
    await new Promise((resolve) => setImmediate(resolve));
    expect(await readAll(connection)).toEqual({
      frames: [
        ["text", "a"],
        ["binary", "b"],
        ["ping", "c"],
        ["close", "bye", 4000],
      ],
      error: undefined,
    });
  });

  it("passes options on to ws and Node", async () => {
    const { url, server } = await wsServer({ perMessageDeflate: true });
    const accepted = once(server, "connection");
    const looked: string[] = [];
    await connect(
      wsConnector({
        socket: {
          perMessageDeflate: true,
          origin: "https://origin.test",
          lookup: (host, _options, callback) => {
            looked.push(host);
            callback(null, [{ address: "127.0.0.1", family: 4 }]);
          },
        },
      }),
      url.replace("127.0.0.1", "venue.test"),
    );
    const request = (await accepted)[1] as { headers: Record<string, string> };
    expect(looked).toEqual(["venue.test"]);
    expect(request.headers["origin"]).toBe("https://origin.test");
    expect(request.headers["sec-websocket-extensions"]).toContain("permessage-deflate");
  });

  it("frees its socket of the timeout that an agent gives for HTTP", async () => {
    const { url } = await wsServer();
    const sockets: Socket[] = [];
    const agent = new Agent({ timeout: 30_000 });
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (...args) => {
      const socket = create(...args) as Socket;
      sockets.push(socket);
      return socket;
    };
    await connect(wsConnector({ socket: { agent } }), url);
    expect(sockets.map(({ timeout }) => timeout)).toEqual([0]);
  });

  it("goes over the caller's own socket", async () => {
    const { url, server } = await wsServer();
    const accepted = once(server, "connection");
    const createConnection = (): ReturnType<typeof netConnect> =>
      netConnect((server.address() as AddressInfo).port, "127.0.0.1");
    const connection = await connect(
      wsConnector({ socket: { createConnection } }),
      url.replace(/\d+\/$/, "1/"),
    );
    const [peer] = (await accepted) as [{ send(text: string): void }];
    peer.send("through");
    await connection.source.readable();
    expect(connection.source.take()?.kind).toBe("text");
  });
});

describe("a refusal", () => {
  it.each([
    [301, "client"],
    [400, "client"],
    [401, "auth"],
    [403, "auth"],
    [404, "client"],
    [407, "auth"],
    [418, "throttled"],
    [426, "client"],
    [429, "throttled"],
    [500, "server"],
    [502, "server"],
    [503, "server"],
  ] as const)("with status %d is told, kind %s, and leaves nothing open", async (status, kind) => {
    const error = await answered(
      `HTTP/1.1 ${status} No\r\nX-Why: Because\r\nLocation: ` +
        "ws://elsewhere/\r\nContent-Length: 5\r\n\r\nnever",
    );
    expect(error).toMatchObject({ kind, code: "UPGRADE_REFUSED", status });
    expect(error.headers).toMatchObject({ "x-why": "Because" });
    expect(error.retryAfterMs).toBeUndefined();
  });

  it("carries Retry-After as seconds and as a date, measured by the given clock", async () => {
    const timer = new ManualTimer();
    const refuse = (value: string): Promise<WsError> =>
      answered(
        `HTTP/1.1 429 Slow Down\r\nRetry-After: ${value}\r\nSet-Cookie: ` +
          `s=${CANARY}\r\nContent-Length: 0\r\n\r\n`,
        [],
        {
          timer,
        },
      );
    expect(await refuse("30")).toMatchObject({ retryAfterMs: 30_000 });
    expect(await refuse("Thu, 01 Jan 2026 00:01:00 GMT")).toMatchObject({ retryAfterMs: 60_000 });
    expect((await refuse("later")).retryAfterMs).toBeUndefined();
  });

  it("does not wait for a body that never ends", async () => {
    const error = await answered(
      "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\nnot all of it",
    );
    expect(error).toMatchObject({ kind: "server", status: 503 });
  });

  it("is not followed when it is a redirect", async () => {
    const { url, server } = await wsServer();
    const http = createServer();
    http.on("upgrade", (_request, socket) =>
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${url}\r\n\r\n`),
    );
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    onTestFinished(() => void http.close());
    const { port } = http.address() as AddressInfo;
    expect(
      await wsErrorOf(LeafRecorder.connect(wsConnector(), handshake(`ws://127.0.0.1:${port}/`))),
    ).toMatchObject({
      kind: "client",
      status: 302,
    });
    expect(server.clients.size).toBe(0);
  });
});

describe("a handshake that is none", () => {
  const ok =
    (...headers: string[]) =>
    (request: string) =>
      switchingProtocols(request, headers);

  it.each([
    [
      "a bad accept key",
      (request: string) => ok()(request).replace(/Accept: .{4}/, "Accept: AAAA"),
      [],
    ],
    [
      "another upgrade",
      (request: string) => ok()(request).replace("Upgrade: websocket", "Upgrade: h2c"),
      [],
    ],
    ["a 101 that upgrades nothing", "HTTP/1.1 101 Switching Protocols\r\n\r\n", []],
    ["a subprotocol that was not asked for", ok("Sec-WebSocket-Protocol: v1"), []],
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", []],
    [
      "a broken head",
      `HTTP/1.1 101 Switching Protocols\r\nSet-Cookie: ${CANARY}\r\nbad\u0000header: 1\r\n\r\n`,
      [],
    ],
  ] as const)("%s: HANDSHAKE_INVALID", async (_name, answer, protocols) => {
    expect(await answered(answer, [...protocols])).toMatchObject({
      kind: "server",
      code: "HANDSHAKE_INVALID",
    });
  });

  it("with an extension that was not offered: EXTENSION_INVALID", async () => {
    const answer = ok("Sec-WebSocket-Extensions: permessage-deflate");
    expect(await answered(answer, [])).toMatchObject({
      kind: "server",
      code: "EXTENSION_INVALID",
    });
  });

  it.each([
    ["another subprotocol", ok("Sec-WebSocket-Protocol: v9")],
    ["none", ok()],
  ] as const)("choosing %s: SUBPROTOCOL_REFUSED", async (_name, answer) => {
    expect(await answered(answer, ["v1"])).toMatchObject({
      kind: "client",
      code: "SUBPROTOCOL_REFUSED",
    });
  });

  it.each([
    ["ended", (peer: RawPeer) => peer.socket.end()],
    ["reset", (peer: RawPeer) => peer.socket.resetAndDestroy()],
    ["cut off in the head", (peer: RawPeer) => peer.socket.end("HTTP/1.1 101 Swi")],
  ] as const)("%s by the server: kind connection", async (_name, end) => {
    const server = await rawServer();
    const failure = wsErrorOf(LeafRecorder.connect(wsConnector(), handshake(server.url)));
    const peer = new RawPeer(await server.next());
    await peer.request();
    end(peer);
    const error = await failure;
    expect(error.kind === "connection" ? error.code : error).toBe("ECONNRESET");
  });
});

describe("what cannot be dialled", () => {
  it.each(["http://127.0.0.1/", "ws://host/#x", "nonsense", ""])(
    "the URL %j is named before anything happens",
    async (url) => {
      const connector = wsConnector({
        socket: { createConnection: () => expect.unreachable("dialled") },
      });
      expect(await wsErrorOf(LeafRecorder.connect(connector, handshake(url)))).toMatchObject({
        kind: "client",
        code: "URL_INVALID",
      });
    },
  );

  it("a bad header or subprotocol is named, and its value is not", async () => {
    const connector = wsConnector({
      socket: { createConnection: () => expect.unreachable("dialled") },
    });
    const error = await wsErrorOf(
      LeafRecorder.connect(
        connector,
        handshake("ws://127.0.0.1:1/", {
          headers: { "x-key": `${CANARY}\n` },
          protocols: ["ok", `bad ${CANARY}`],
        }),
      ),
    );
    expect(error).toMatchObject({ kind: "client", code: "HANDSHAKE_OPTIONS_INVALID" });
    expect(error.message).toContain('"x-key"');
    expectNoCanary(error);
  });

  it("an option that Node refuses when it is used is the client's fault", async () => {
    const connector = wsConnector({ socket: { localAddress: "not an address" } });
    expect(
      await wsErrorOf(LeafRecorder.connect(connector, handshake("ws://127.0.0.1:1/"))),
    ).toMatchObject({
      kind: "client",
      code: "HANDSHAKE_OPTIONS_INVALID",
    });
  });

  it("a custom socket factory that throws a system error is a connection failure", async () => {
    const createConnection = (): never => {
      throw Object.assign(new Error("connect EHOSTUNREACH"), { code: "EHOSTUNREACH" });
    };
    const connector = wsConnector({ socket: { createConnection } });
    expect(
      await wsErrorOf(LeafRecorder.connect(connector, handshake("ws://127.0.0.1:1/"))),
    ).toMatchObject({
      kind: "connection",
      code: "EHOSTUNREACH",
    });
  });

  it("a host that has no address, now or at all", async () => {
    for (const code of ["ENOTFOUND", "EAI_AGAIN"]) {
      const connector = wsConnector({
        socket: {
          lookup: (host, _options, callback) =>
            callback(Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code }), "", 4),
        },
      });
      const error = await wsErrorOf(
        LeafRecorder.connect(connector, handshake(`ws://nowhere.test/?token=${CANARY}`)),
      );
      expect(error).toMatchObject({ kind: "connection", code });
      expectNoCanary(error);
    }
  });

  it("a port without a listener, at one address or at several", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const two = wsConnector({
      socket: {
        lookup: (_host, _options, callback) =>
          callback(null, [
            { address: "127.0.0.1", family: 4 },
            { address: "::1", family: 6 },
          ]),
      },
    });
    for (const [connector, host] of [
      [wsConnector(), "127.0.0.1"],
      [two, "two.test"],
    ] as const) {
      const error = await wsErrorOf(
        LeafRecorder.connect(
          connector,
          handshake(`ws://${host}:${port}/secret?token=${CANARY}`, { headers: { cookie: CANARY } }),
        ),
      );
      expect(error).toMatchObject({ kind: "connection", code: "ECONNREFUSED" });
      expect(error.message).toContain(`ws://${host}:${port}: `);
      expect(error.message).not.toContain("/secret");
      expectNoCanary(error);
    }
  });

  it("invalid options throw before anything is made", () => {
    expect(() => wsConnector({ maxMessageBytes: -1 })).toThrow(expect.toSatisfy(isConfigError));
  });
});
