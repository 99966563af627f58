import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/** What a proxy stands in front of: it sends back what it gets, and counts the pings. */
export class Backend implements AsyncDisposable {
  readonly #server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  #pings = 0;

  static async start(): Promise<Backend> {
    const backend = new Backend();
    await once(backend.#server, "listening");
    return backend;
  }

  private constructor() {
    this.#server.on("connection", (socket) => {
      socket.on("error", () => undefined);
      socket.on("message", (data: Buffer, isBinary) => socket.send(data, { binary: isBinary }));
      socket.on("ping", () => {
        this.#pings++;
        this.#server.emit("pinged");
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when so many pings have come. */
  async pinged(count: number): Promise<void> {
    while (this.#pings < count) await once(this.#server, "pinged");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
