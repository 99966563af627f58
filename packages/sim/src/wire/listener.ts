import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { VenueClock } from "../clock.js";
import type { SimPlatform, SimPort } from "../platform.js";
import { carry } from "../reset-socket.js";
import type { VenueSettings } from "../venue-options.js";
import type { WireSocket } from "./wire-socket.js";

/** What is done with what arrives. */
export interface ListenerEvents {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: WireSocket, head: Buffer): void;
}

/** What a listener stands on. */
export interface ListenerParts {
  /** Dates the answers. */
  readonly clock: VenueClock;
  readonly settings: Pick<VenueSettings, "platform" | "tls">;
}

/**
 * An HTTP server that knows all its sockets, so that closing it leaves nothing open. With the
 * option `tls` it speaks HTTPS only.
 */
export class Listener {
  readonly #server: Server;
  readonly #platform: SimPlatform;
  readonly #sockets: Set<Duplex> = new Set();
  /** Present while the platform's network listens in place of a real socket. */
  #port: SimPort | undefined;

  constructor(events: ListenerEvents, { clock, settings }: ListenerParts) {
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      // Node's own date is of the machine's clock, whatever the venue's says.
      response.sendDate = false;
      response.setHeader("Date", new Date(clock.wallNow()).toUTCString());
      events.request(request, response);
    };
    const { platform, tls } = settings;
    this.#platform = platform;
    this.#server = tls === undefined ? createServer(handle) : createTlsServer({ ...tls }, handle);
    this.#server.on("connection", (socket: Duplex) => {
      this.#sockets.add(socket);
      // A client may reset at any time; the `close` event is what is acted on.
      socket.on("error", () => {});
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // A TLS socket does not tell which TCP socket it stands on; the peer's port does, and a reset
    // needs to know.
    this.#server.on("secureConnection", (secure: TLSSocket) => {
      secure.on("error", () => {});
      const tcp = ([...this.#sockets] as Socket[]).find(
        ({ remotePort, remoteAddress }) =>
          remotePort === secure.remotePort && remoteAddress === secure.remoteAddress,
      );
      if (tcp !== undefined) carry(secure, tcp);
    });
    this.#server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      events.upgrade(request, socket as WireSocket, head),
    );
  }

  /** Starts to listen. Rejects if the address is taken or not ours. Resolves with the port. */
  async listen(port: number, host: string): Promise<number> {
    if (this.#platform.listen !== undefined) {
      this.#port = this.#platform.listen(port, (stream) => this.#server.emit("connection", stream));
      return this.#port.port;
    }
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.removeListener("error", reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and destroys every socket. Resolves when both is done. */
  async close(): Promise<void> {
    this.#port?.close();
    // The callback comes also for a server that does not listen.
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
