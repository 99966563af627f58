import { once } from "node:events";
import { Agent } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { OpenOptions } from "oath-ws";
import { onTestFinished } from "vitest";
import { rawServer } from "../../support/raw-server.js";
import type { RawServer } from "../../support/raw-server.js";

/** A server, or the lack of one, that gets a connection attempt as far as one step. */
export interface StepScene {
  readonly url: string;
  readonly options: OpenOptions;
  /** Resolves when the attempt is at the step. */
  readonly reached: Promise<unknown>;
  /** Sockets that must be gone when the attempt is. */
  readonly sockets: () => readonly Socket[];
}

/** One await on the way to a connection. */
export interface ConnectStep {
  readonly name: string;
  /** It never ends. */
  readonly hangs: () => Promise<StepScene>;
  /** It fails; `code` is what the attempt then fails with. */
  readonly fails: () => Promise<StepScene & { readonly code: string | RegExp }>;
}

const noSockets = (): readonly Socket[] => [];

/** A promise, and the function that resolves it. */
function signalled(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A server that lets `act` deal with every client once its first bytes are there. */
async function serving(
  act: (socket: Socket, server: RawServer) => void,
  scheme = "ws",
): Promise<StepScene> {
  const server = await rawServer();
  const { promise: reached, resolve } = signalled();
  void (async () => {
    const socket = await server.next();
    await once(socket, "data");
    act(socket, server);
    resolve();
  })();
  return {
    url: server.url.replace("ws:", `${scheme}:`),
    options: {},
    reached,
    sockets: () => server.accepted,
  };
}

/**
 * Tunnels by CONNECT. What it has opened is its own affair, as with any agent; the test closes it.
 */
class TunnelAgent extends Agent {
  readonly #proxyPort: number;

  constructor(proxyPort: number) {
    super();
    this.#proxyPort = proxyPort;
  }

  override createConnection(
    options: { host?: string; port?: number },
    callback: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    const socket = connect(this.#proxyPort, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", (error) => callback(error));
    socket.write(`CONNECT ${options.host}:${options.port} HTTP/1.1\r\n\r\n`);
    socket.once("data", (answer: Buffer) => {
      if (answer.toString().startsWith("HTTP/1.1 200")) callback(null, socket);
      else callback(Object.assign(new Error("the proxy refused"), { code: "EPROXYREFUSED" }));
    });
  }
}

async function tunnelled(answer: string): Promise<StepScene> {
  const { url, reached } = await serving((socket) => {
    if (answer !== "") socket.write(answer);
  });
  const agent = new TunnelAgent(Number(new URL(url).port));
  return { url: "ws://venue.test/", options: { socket: { agent } }, reached, sockets: noSockets };
}

/** Every await between `open()` and the open connection, in their order. */
export const CONNECT_STEPS: readonly ConnectStep[] = [
  {
    name: "the AuthSource",
    hangs: async () => {
      const { promise: reached, resolve } = signalled();
      const auth = {
        authorize: () => {
          resolve();
          return new Promise<never>(() => undefined);
        },
      };
      return { url: "ws://venue.test/", options: { auth }, reached, sockets: noSockets };
    },
    fails: async () => ({
      url: "ws://venue.test/",
      options: {
        auth: {
          authorize: () =>
            Promise.reject(Object.assign(new Error("down"), { code: "ECONNREFUSED" })),
        },
      },
      reached: Promise.resolve(),
      sockets: noSockets,
      code: "AUTH_FAILED",
    }),
  },
  {
    name: "DNS",
    hangs: async () => {
      const { promise: reached, resolve } = signalled();
      return {
        url: "ws://venue.test/",
        options: { socket: { lookup: resolve } },
        reached,
        sockets: noSockets,
      };
    },
    fails: async () => ({
      url: "ws://venue.test/",
      options: {
        socket: {
          lookup: (_host, _options, callback) =>
            callback(Object.assign(new Error("no"), { code: "ENOTFOUND" }), "", 4),
        },
      },
      reached: Promise.resolve(),
      sockets: noSockets,
      code: "ENOTFOUND",
    }),
  },
  {
    name: "TCP",
    hangs: async () => {
      const { promise: reached, resolve } = signalled();
      // A stream that never takes anything stands for a SYN without an answer.
      const createConnection = (): Duplex => {
        resolve();
        return new Duplex({ read: () => undefined, write: () => undefined });
      };
      return {
        url: "ws://venue.test/",
        options: { socket: { createConnection } },
        reached,
        sockets: noSockets,
      };
    },
    fails: async () => {
      const server = await rawServer();
      const closed = connect(server.port, "127.0.0.1");
      const port = (await once(closed, "connect"), closed.localPort);
      closed.destroy();
      await once(closed, "close");
      // That port was a client's and has no listener.
      return {
        url: `ws://127.0.0.1:${port}/`,
        options: {},
        reached: Promise.resolve(),
        sockets: noSockets,
        code: "ECONNREFUSED",
      };
    },
  },
  {
    name: "the proxy's answer",
    hangs: () => tunnelled(""),
    fails: async () => ({
      ...(await tunnelled("HTTP/1.1 502 Bad Gateway\r\n\r\n")),
      code: "EPROXYREFUSED",
    }),
  },
  {
    name: "the first answer of TLS",
    hangs: () => serving(() => undefined, "wss"),
    fails: async () => ({
      ...(await serving((socket) => socket.write("this is not TLS at all"), "wss")),
      code: /^(EPROTO|ERR_SSL_.*)$/,
    }),
  },
  {
    name: "the middle of the TLS handshake",
    // The head of a handshake record of 122 bytes, and the first two of them: a ServerHello that
    // goes no further.
    hangs: () => serving((socket) => socket.write(Buffer.from([0x16, 3, 3, 0, 122, 2, 0])), "wss"),
    fails: async () => ({
      ...(await serving((socket) => socket.end(Buffer.from([0x16, 3, 3, 0, 122, 2, 0])), "wss")),
      code: "ECONNRESET",
    }),
  },
  {
    name: "the answer to the upgrade",
    hangs: () => serving(() => undefined),
    fails: async () => ({
      ...(await serving((socket) => socket.resetAndDestroy())),
      code: "ECONNRESET",
    }),
  },
  {
    name: "the middle of the answer's head",
    hangs: () =>
      serving((socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs")),
    fails: async () => ({
      ...(await serving((socket) =>
        socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: webs"),
      )),
      code: /^(ECONNRESET|SOCKET_LOST|HPE_.*|HANDSHAKE_INVALID)$/,
    }),
  },
  {
    name: "the rest of an answer that came byte by byte",
    hangs: () =>
      serving(
        (socket) =>
          void dribble(socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: "),
      ),
    fails: async () => ({
      ...(await serving((socket) =>
        socket.write("HTTP/1.1 503 No\r\nContent-Length: 1000\r\n\r\nthe body never ends"),
      )),
      code: "UPGRADE_REFUSED",
    }),
  },
];

/**
 * One byte in each turn of the loop: every one of them is a sign of life, and none of them is an
 * end.
 */
async function dribble(socket: Socket, text: string): Promise<void> {
  for (const byte of text) {
    await new Promise((resolve) => setImmediate(resolve));
    if (socket.destroyed) return;
    socket.write(byte);
  }
}
