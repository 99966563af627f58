import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { FromPage, FromServer, Tick, Welcome } from "../../src/dash/protocol.js";

/** The address of a dashboard, and the start code in it. */
export function addressOf(url: string): { readonly base: string; readonly code: string } {
  const { origin, hash } = new URL(url);
  return { base: origin, code: new URLSearchParams(hash.slice(1)).get("start") ?? "" };
}

/** Plays the page: says what a test wants it to, and waits for what the server says. */
export class PageClient {
  /** Everything that the server said, as it came. */
  readonly heard: string[] = [];
  readonly socket: WebSocket;
  readonly #messages: FromServer[] = [];
  #wake: () => void = () => undefined;
  #closed: number | undefined;

  constructor(base: string, headers: OutgoingHttpHeaders = { origin: base }) {
    this.socket = new WebSocket(`${base.replace("http", "ws")}/feed`, { headers });
    this.socket.on("message", (data: Buffer) => {
      this.heard.push(data.toString());
      this.#messages.push(JSON.parse(data.toString()) as FromServer);
      this.#wake();
    });
    this.socket.on("close", (code) => {
      this.#closed = code;
      this.#wake();
    });
    this.socket.on("error", () => undefined);
    onTestFinished(() => this.socket.terminate());
  }

  async say(message: FromPage | string): Promise<void> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  async hello(code?: string, token?: string): Promise<Welcome> {
    await this.say({ type: "hello", code, token });
    return this.next((message) => (message.type === "welcome" ? message : undefined));
  }

  /**
   * The first message, of those not yet looked at, that is wanted; rejects when the server closes.
   */
  async next<T>(wanted: (message: FromServer) => T | undefined): Promise<T> {
    for (;;) {
      for (let message = this.#messages.shift(); message; message = this.#messages.shift()) {
        const found = wanted(message);
        if (found !== undefined) return found;
      }
      if (this.#closed !== undefined) throw new Error(`closed with ${this.#closed}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The first tick of which this is true. */
  tick(is: (tick: Tick) => boolean): Promise<Tick> {
    return this.next((message) => (message.type === "tick" && is(message) ? message : undefined));
  }

  answer(): Promise<string> {
    return this.next((message) => (message.type === "answer" ? message.text : undefined));
  }

  /** The code with which the server closes. */
  async closed(): Promise<number> {
    while (this.#closed === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#closed;
  }
}

/** The status with which an upgrade is refused. */
export async function refusedUpgrade(
  base: string,
  path: string,
  headers: OutgoingHttpHeaders,
): Promise<number | undefined> {
  const socket = new WebSocket(`${base.replace("http", "ws")}${path}`, { headers });
  onTestFinished(() => socket.terminate());
  socket.on("error", () => undefined);
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  return response.statusCode;
}

/** One HTTP request. */
export async function ask(
  url: string,
  options: { readonly method?: string; readonly headers?: OutgoingHttpHeaders } = {},
): Promise<{
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}> {
  const asked = request(url, options).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return { status: response.statusCode, headers: response.headers, text };
}
