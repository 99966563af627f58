import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { urlAuthority } from "../local/listen-address.js";
import type { ListenAddress } from "../local/listen-address.js";
import { closeServer, listenAt } from "../local/local-server.js";
import { version } from "../version.js";
import { Access } from "./access.js";
import { now, unixMs } from "./clock.js";
import { isForeign } from "./dash-guard.js";
import type { DashPlace } from "./dash-guard.js";
import { PAGE_HEADERS, pageFiles } from "./page-files.js";
import type { PageFile } from "./page-files.js";
import { CODE_KEY, FEED_PATH } from "./protocol.js";
import type { Answer, PageAct, Welcome } from "./protocol.js";
import type { Simulator } from "./simulator.js";
import { Viewer } from "./viewer.js";
import type { ViewerHost } from "./viewer.js";
import type { Watch } from "./watch.js";

/** What a dashboard shows, and where. */
export interface DashOptions {
  readonly address: ListenAddress;
  readonly watch: Watch;
  /** Venues whose faults have buttons. */
  readonly simulators?: readonly Simulator[];
  /** Told of an address with a new start code, because a page asked for one. */
  readonly onAddress: (url: string) => void;
}

/** A dashboard that is served. */
export interface Dash {
  /** With a start code, which works once. */
  readonly url: string;
  /** Ends every page's connection; idempotent. */
  close(): Promise<void>;
}

const TICK_MS = 500;
/** Pages at a time. */
const MAX_VIEWERS = 16;
/** The longest message of a page, in bytes. */
const MAX_MESSAGE_BYTES = 4_096;

const NO_TOKEN: Answer = {
  type: "answer",
  ok: false,
  text: "Buttons need the token. Ask for a new address, and open the one that the program prints.",
};

/**
 * Serves the page and its feed. It keeps the process alive no longer than the rest of the program
 * does. Rejects when the port is taken, and when the page was not built.
 */
export async function serveDash(options: DashOptions): Promise<Dash> {
  const dash = new DashServer(options, pageFiles());
  await dash.listen();
  return dash;
}

class DashServer implements Dash, ViewerHost {
  readonly watch: Watch;
  readonly #options: DashOptions;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #simulators: readonly Simulator[];
  readonly #access = new Access(now);
  readonly #run = randomUUID();
  readonly #startedAt = unixMs(now());
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  readonly #viewers = new Set<Viewer>();
  #place: DashPlace;
  #timer: NodeJS.Timeout | undefined;
  #url = "";

  constructor(options: DashOptions, files: ReadonlyMap<string, PageFile>) {
    const { address, watch, simulators = [] } = options;
    this.watch = watch;
    this.#options = options;
    this.#files = files;
    this.#simulators = simulators;
    this.#place = { address, port: address.port };
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    // A page that looks keeps no program alive.
    this.#server.on("connection", (socket: Socket) => socket.unref());
  }

  get url(): string {
    return this.#url;
  }

  async listen(): Promise<void> {
    const { address } = this.#options;
    this.#place = { address, port: await listenAt(this.#server, address) };
    this.#server.unref();
    this.#url = this.#addressWith(this.#access.newCode());
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#sockets.clients) socket.terminate();
    await closeServer(this.#server);
  }

  welcome(token: string | undefined, code: string | undefined): Welcome | undefined {
    const exchanged = this.#access.exchange(code);
    const mayAct = exchanged !== undefined || this.#access.isToken(token);
    if (!mayAct && !this.#options.address.isLoopback) return undefined;
    return {
      type: "welcome",
      run: this.#run,
      version: version(),
      at: unixMs(now()),
      startedAt: this.#startedAt,
      tickMs: TICK_MS,
      simulators: this.#simulators.map(({ name, endpoint, faults }, key) => ({
        key,
        name,
        endpoint,
        faults,
      })),
      mayAct,
      token: exchanged,
    };
  }

  act(act: PageAct): Answer {
    if (act.type === "newCode") {
      const code = this.#access.newCodeForPage();
      if (code !== undefined) this.#options.onAddress(this.#addressWith(code));
      return {
        type: "answer",
        ok: code !== undefined,
        text:
          code === undefined
            ? "An address was printed a moment ago. Look at the program's output."
            : "The program has printed a new address. Open it to use the buttons.",
      };
    }
    if (!this.#access.isToken(act.token)) return NO_TOKEN;
    switch (act.type) {
      case "reconnect": {
        const connection = this.watch.connection(act.connection);
        const ok = connection?.reconnect() === true;
        const name = connection?.figures.name ?? "the connection";
        return {
          type: "answer",
          ok,
          text: ok ? `A reconnect of ${name} was asked for.` : `${name} has ended.`,
        };
      }
      case "fault": {
        const simulator = this.#simulators[act.simulator];
        const hit = simulator?.apply(act.fault);
        if (simulator === undefined || hit === undefined)
          return { type: "answer", ok: false, text: "There is no such fault here." };
        const done = `${act.fault} at the simulated ${simulator.name}`;
        this.watch.note("info", `Fault: ${done}`);
        return {
          type: "answer",
          ok: true,
          text: `Done: ${done}${hit === 0 ? "." : `; it hit ${hit} connections.`}`,
        };
      }
      default:
        return act satisfies never;
    }
  }

  #addressWith(code: string): string {
    const { address, port } = this.#place;
    return `http://${urlAuthority(address.host, port)}/#${CODE_KEY}=${code}`;
  }

  #tick(): void {
    this.watch.sample();
    for (const viewer of this.#viewers) viewer.tick();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = "" } = request;
    const refuse = (status: number, text: string): void => {
      response.writeHead(status, { ...PAGE_HEADERS, "content-type": "text/plain" });
      response.end(`${text}\n`);
    };
    if (isForeign(request, this.#place)) return refuse(403, "foreign Host or Origin");
    if (method !== "GET" && method !== "HEAD") return refuse(405, "GET only");
    const file = this.#files.get(url.split("?")[0] ?? "");
    if (file === undefined) return refuse(404, "the dashboard is at /");
    response.writeHead(200, { ...PAGE_HEADERS, "content-type": file.type });
    response.end(method === "HEAD" ? undefined : file.body);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refuse = (status: string): void =>
      void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    if (isForeign(request, this.#place)) return refuse("403 Forbidden");
    if (request.url !== FEED_PATH) return refuse("404 Not Found");
    if (this.#viewers.size >= MAX_VIEWERS) return refuse("503 Service Unavailable");
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const viewer = new Viewer(webSocket, this);
      this.#viewers.add(viewer);
      webSocket.on("close", () => this.#viewers.delete(viewer));
    });
  }
}
