import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

/** The ways in which an answer can ask to be sought elsewhere. */
export const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** A server on loopback in the place of a REST API. */
export interface RestTrap {
  readonly url: string;
  /** What it was asked. */
  readonly requests: readonly IncomingMessage[];
  /** Whom it has seen, whether or not anything was asked. */
  readonly sockets: readonly Socket[];
}

/** Stopped when the test is over. */
async function startTrap(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<RestTrap> {
  const requests: IncomingMessage[] = [];
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(response, request);
  });
  server.on("connection", (socket: Socket) => sockets.push(socket.on("error", () => undefined)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, sockets };
}

/**
 * A REST API that sends each request on to another server, which would answer anything with
 * `stolen`.
 */
export async function startRedirecting(
  status: number,
  stolen: string,
): Promise<{ readonly api: RestTrap; readonly other: RestTrap }> {
  const other = await startTrap((response) => response.end(stolen));
  const api = await startTrap((response, request) => {
    response.writeHead(status, { location: `${other.url}${request.url}` }).end();
  });
  return { api, other };
}

/** A REST API whose answers never end. */
export function startEndless(): Promise<RestTrap> {
  const chunk = Buffer.alloc(262_144, 0x20);
  return startTrap((response) => {
    const write = (): void => {
      while (!response.destroyed && response.write(chunk)) {
        // Until the socket is full.
      }
    };
    response.on("drain", write);
    write();
  });
}
