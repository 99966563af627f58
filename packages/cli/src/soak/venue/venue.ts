import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Dialect } from "../driver.js";
import { Peer, switching } from "./peer.js";

const FEED_INTERVAL_MS = 50;

/** What happens to a client that dials. */
type Door = "close at once" | "open" | { readonly status: string; readonly headers?: string };

/** What the server saw, in the parent's clock; nothing of it comes from the client. */
export interface VenueRecord {
  /** When each upgrade was asked for. */
  readonly attempts: readonly number[];
  /** When each number of the feed was due, from 1 on, whether or not there was anyone to send it to. */
  readonly produced: readonly number[];
  /** Numbers of the application's texts. */
  readonly texts: ReadonlySet<number>;
}

/** A server on loopback with a feed of numbered frames, that can be made to fail in the ways of the table. */
export class Venue {
  readonly #dialect: Dialect;
  readonly #sockets = new Set<Socket>();
  readonly #peers = new Set<Peer>();
  readonly #record = {
    attempts: [] as number[],
    produced: [] as number[],
    texts: new Set<number>(),
  };
  #server: Server;
  #port = 0;
  #door: Door = "open";
  #feed: NodeJS.Timeout | undefined;

  private constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#server = this.#makeServer();
  }

  /** Listens on a free port; the feed begins with the first subscriber. */
  static async start(dialect: Dialect): Promise<Venue> {
    const venue = new Venue(dialect);
    await venue.#listen();
    venue.resumeFeed();
    return venue;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  get record(): VenueRecord {
    return this.#record;
  }

  /** Whether a connection is up that is sent the feed. */
  get serving(): boolean {
    return this.#subscribers().length > 0;
  }

  /** Sends a frame every 50 ms. */
  resumeFeed(): void {
    this.#feed ??= setInterval(() => this.#tick(), FEED_INTERVAL_MS);
  }

  /** Sends none any more. */
  stopFeed(): void {
    clearInterval(this.#feed);
    this.#feed = undefined;
  }

  /** Sends the next frames of the feed, unless the client is behind with what it was sent; returns how many. */
  burst(count: number, pad: string): number {
    const peer = this.#subscribers()[0];
    if (peer === undefined) return 0;
    let sent = 0;
    for (; sent < count && !peer.behind; sent++) peer.sendFrame(this.#produce(), pad);
    return sent;
  }

  freeze(): void {
    for (const peer of this.#peers) peer.freeze();
  }

  mute(): void {
    for (const peer of this.#peers) peer.mute();
  }

  /** Resets every connection, in the middle of the feed's next frame. */
  reset(): void {
    const id = this.#produce();
    for (const peer of this.#peers) peer.reset(id);
    this.#peers.clear();
  }

  /** Closes every connection with 1000, and every new one as soon as it is up. */
  closeAtOnce(): void {
    this.#door = "close at once";
    for (const peer of this.#peers) peer.close();
  }

  /** Resets every connection and refuses every upgrade from now on. */
  refuse(status: string, headers = ""): void {
    this.#door = { status, headers };
    this.reset();
  }

  /** Nothing listens any more: ECONNREFUSED. */
  async goDown(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#destroySockets();
    await closed;
  }

  /** Listens again, on the same port. */
  async comeBack(): Promise<void> {
    this.#server = this.#makeServer();
    await this.#listen();
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.stopFeed();
    if (this.#server.listening) await this.goDown();
    else this.#destroySockets();
  }

  #destroySockets(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#peers.clear();
  }

  #makeServer(): Server {
    const server = createServer((_, response) => response.writeHead(426).end());
    server.on("upgrade", (request: IncomingMessage, socket: Socket) => this.#upgrade(request, socket));
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      // What goes wrong with a connection is the client's to notice; here it is only gone.
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    });
    return server;
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #upgrade(request: IncomingMessage, socket: Socket): void {
    this.#record.attempts.push(performance.now());
    if (typeof this.#door === "object") {
      const { status, headers = "" } = this.#door;
      socket.end(`HTTP/1.1 ${status}\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    socket.setNoDelay(true);
    socket.write(switching(request));
    const peer = new Peer(socket, request.url ?? "", this.#dialect, (text) => this.#note(text));
    this.#peers.add(peer);
    socket.on("close", () => this.#peers.delete(peer));
    if (this.#door === "close at once") peer.close();
  }

  #note(text: string): void {
    const id = Number(/^\{"soak":(\d+)\}$/.exec(text)?.[1]);
    if (!Number.isNaN(id)) this.#record.texts.add(id);
  }

  #subscribers(): Peer[] {
    return [...this.#peers].filter(({ wantsData }) => wantsData);
  }

  #tick(): void {
    const subscribers = this.#subscribers();
    if (subscribers.length === 0 && this.#record.produced.length === 0) return;
    const id = this.#produce();
    for (const peer of subscribers) peer.sendFrame(id, "");
  }

  /** The next number; what is sent to nobody is missed by all. */
  #produce(): number {
    return this.#record.produced.push(performance.now());
  }
}
