import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A TCP server that gets a dial as far as one step, and knows when its clients are gone. */
export interface SilentServer {
  readonly port: number;
  /** Resolves when a client's first bytes are there and were dealt with. */
  readonly reached: Promise<void>;
  /** Resolves when every client so far has left. */
  gone(): Promise<void>;
}

/**
 * Starts one; `act` deals with a client once it has said something. Stopped when the test is over.
 */
export async function silentServer(
  act: (socket: Socket, said: Buffer) => void,
): Promise<SilentServer> {
  const sockets: Socket[] = [];
  let resolve = (): void => undefined;
  const reached = new Promise<void>((settle) => {
    resolve = settle;
  });
  const server = createServer((socket) => {
    // Tests reset connections on purpose.
    socket.on("error", () => undefined);
    sockets.push(socket);
    socket.once("data", (said) => {
      act(socket, said);
      resolve();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const closed = (socket: Socket): Promise<void> =>
    new Promise((done) => {
      if (socket.closed) done();
      else socket.once("close", () => done());
    });
  return {
    port: (server.address() as AddressInfo).port,
    reached,
    gone: async () => {
      await Promise.all(sockets.map(closed));
    },
  };
}
