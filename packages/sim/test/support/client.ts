import type { IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";

/** How a connection ended. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
  /** Code of the error that came before it, if one did. */
  readonly error: string | undefined;
}

/** A bare client that keeps what it receives. Listeners are attached before anything can arrive. */
export class Client {
  readonly socket: WebSocket;
  /** Text messages so far, parsed. Those that are not JSON are kept as text. */
  readonly messages: unknown[] = [];
  readonly raw: string[] = [];
  readonly pings: string[] = [];
  readonly ended: Promise<Ending>;
  #waiters: Array<() => void> = [];

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    let error: string | undefined;
    this.socket.on("error", (failure: NodeJS.ErrnoException) => {
      error = failure.code ?? failure.message;
    });
    this.socket.on("message", (data: Buffer) => {
      const text = data.toString();
      this.raw.push(text);
      try {
        this.messages.push(JSON.parse(text));
      } catch {
        this.messages.push(text);
      }
      this.#wake();
    });
    this.socket.on("ping", (payload: Buffer) => {
      this.pings.push(payload.toString());
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      this.socket.on("close", (code: number, reason: Buffer) => {
        resolve({ code, reason: reason.toString(), error });
        this.#wake();
      });
    });
  }

  /** Connects; rejects if the upgrade is refused. */
  static async open(url: string, options?: ClientOptions): Promise<Client> {
    const client = new Client(url, options);
    await new Promise<void>((resolve, reject) => {
      client.socket.once("open", () => resolve());
      client.socket.once("error", reject);
    });
    return client;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Resolves when the condition holds, which is looked at after every arrival. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.socket.readyState === WebSocket.CLOSED)
        throw new Error("the connection ended while waited for");
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Sends a request and resolves with its answer. */
  async ask(
    request: { id: number | string } & Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    this.send(request);
    let answer: Record<string, unknown> | undefined;
    await this.until(() => {
      answer = this.messages.find(
        (message): message is Record<string, unknown> =>
          typeof message === "object" &&
          message !== null &&
          "id" in message &&
          message.id === request.id,
      );
      return answer !== undefined;
    });
    return answer ?? {};
  }

  /** Ends the connection from this side, at once. */
  drop(): void {
    this.socket.terminate();
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}

/** Tries to connect and resolves with the HTTP answer that refused it. */
export function refusal(url: string, options: ClientOptions = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.on("unexpected-response", (_request, response) => {
      response.resume();
      resolve(response);
      socket.terminate();
    });
    socket.on("open", () => {
      socket.terminate();
      reject(new Error("the connection was accepted"));
    });
    socket.on("error", () => {});
  });
}
