import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { TlsOptions } from "node:tls";
import { onTestFinished } from "vitest";
import { decodeClientFrame, switchingProtocols } from "./frames.js";

/**
 * A TCP or TLS server on loopback that does what the test says, byte by byte. Stopped when the test
 * is over.
 */
export interface RawServer {
  readonly port: number;
  /** `ws://127.0.0.1:port/`, or `wss://`. */
  readonly url: string;
  /** Connections accepted so far. */
  readonly accepted: readonly Socket[];
  /** The next connection that no earlier call has had. */
  next(): Promise<Socket>;
}

/** Starts one. `allowHalfOpen`: the server does not end its side when the client does. */
export async function rawServer(
  options: { tls?: TlsOptions; allowHalfOpen?: boolean; atEnd?: (stop: () => void) => void } = {},
): Promise<RawServer> {
  const accepted: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  let handed = 0;
  const onConnection = (socket: Socket): void => {
    // Tests reset connections on purpose.
    socket.on("error", () => undefined);
    accepted.push(socket);
    const waiter = waiting.shift();
    if (waiter === undefined) return;
    handed++;
    waiter(socket);
  };
  const halfOpen = { allowHalfOpen: options.allowHalfOpen ?? false };
  const server: Server = options.tls
    ? createTlsServer({ ...options.tls, ...halfOpen }, onConnection)
    : createServer(halfOpen, onConnection);
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  // Another runner than vitest says itself when a test is over.
  const { atEnd = onTestFinished } = options;
  atEnd(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return {
    port,
    url: `${options.tls ? "wss" : "ws"}://127.0.0.1:${port}/`,
    accepted,
    next: () => {
      const socket = accepted[handed];
      if (socket === undefined) return new Promise((resolve) => waiting.push(resolve));
      handed++;
      return Promise.resolve(socket);
    },
  };
}

/**
 * Resolves when the socket is gone, however it went; `once(socket, "close")` would reject for a
 * reset.
 */
export function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/** The server's end of a connection: what the client sent, and what to answer. */
export class RawPeer {
  readonly socket: Socket;
  /**
   * What came and has not been taken; joined only when a test looks, since a flood comes in many
   * pieces.
   */
  #chunks: Buffer[] = [];
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    socket.on("close", () => this.#wake());
  }

  /** The head of the upgrade request. */
  async request(): Promise<string> {
    for (;;) {
      const received = Buffer.concat(this.#chunks);
      const end = received.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.#chunks = [received.subarray(end + 4)];
        return received.subarray(0, end + 4).toString("latin1");
      }
      await this.#more();
    }
  }

  /** Answers the upgrade; `early` goes out in the same write, and so in the same packet. */
  async upgrade(
    early: Uint8Array = Buffer.alloc(0),
    headers: readonly string[] = [],
  ): Promise<string> {
    const request = await this.request();
    this.socket.write(Buffer.concat([Buffer.from(switchingProtocols(request, headers)), early]));
    return request;
  }

  /** The next frame that the client sent. */
  async nextFrame(): Promise<{ opcode: number; payload: Buffer }> {
    for (;;) {
      const received = Buffer.concat(this.#chunks);
      const decoded = decodeClientFrame(received);
      this.#chunks = [decoded?.rest ?? received];
      if (decoded !== undefined) {
        return { opcode: decoded.opcode, payload: decoded.payload };
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    if (this.socket.destroyed) throw new Error("the client left");
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
