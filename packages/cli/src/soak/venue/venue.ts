import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { loopbackAddress } from "@oath-ws/sim";
import type { Dialect } from "../driver.js";
import { Peer, switching } from "./peer.js";

const FEED_INTERVAL_MS = 50;
/** What was sent is read within this. */
const READ_MS = 20;

/** What happens to a client that dials. */
type Door = "close at once" | "open" | { readonly status: string; readonly headers?: string };

/** An upgrade that was asked for. */
export interface Attempt {
  readonly at: number;
  /** Answered with a status, or closed as soon as it was up. */
  readonly refused: boolean;
}

/** What the server saw, in the parent's clock; nothing of it comes from the client. */
export interface VenueRecord {
  readonly attempts: readonly Attempt[];
  /**
   * Frames of the feed so far, which are numbered from 1 on, whether or not there was anyone to
   * send them to.
   */
  readonly produced: number;
  /** When the application's texts arrived, by number. */
  readonly texts: ReadonlyMap<number, number>;
}

/**
 * A server on loopback with a feed of numbered frames, that can be made to fail in the ways of the
 * table.
 */
export class Venue {
  readonly #dialect: Dialect;
  readonly #sockets = new Set<Socket>();
  readonly #peers = new Set<Peer>();
  readonly #record = {
    attempts: [] as Attempt[],
    produced: 0,
    texts: new Map<number, number>(),
  };
  #server: Server;
  /** While it is down, nothing else takes its port. */
  readonly #host: string = loopbackAddress();
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
    return `ws://${this.#host}:${this.#port}`;
  }

  get record(): VenueRecord {
    return this.#record;
  }

  /** The connections that are up. */
  get connections(): readonly Peer[] {
    return [...this.#peers];
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

  /** Sends the next frames of the feed at once. */
  burst(count: number, pad: string): void {
    const subscribers = this.#subscribers();
    for (let sent = 0; sent < count; sent++) {
      const id = ++this.#record.produced;
      for (const peer of subscribers) peer.sendFrame(id, pad);
    }
  }

  /**
   * Sends the next frames of the feed until the client is behind with what it was sent: a server
   * does not wait for long, and this one not at all.
   *
   * @returns how many were sent
   */
  offer(count: number, pad: string): number {
    const [peer] = this.#subscribers();
    if (peer === undefined) return 0;
    let sent = 0;
    for (; sent < count && !peer.behind; sent++) peer.sendFrame(++this.#record.produced, pad);
    return sent;
  }

  freeze(): void {
    for (const peer of this.#peers) peer.freeze();
  }

  mute(): void {
    for (const peer of this.#peers) peer.mute();
  }

  /** Every connection gets half of the feed's next frame, and then nothing any more. */
  async cut(): Promise<void> {
    const id = ++this.#record.produced;
    await Promise.all([...this.#peers].map((peer) => peer.cut(id)));
    this.freeze();
  }

  /** Resets every connection, after half of the feed's next frame. */
  async reset(): Promise<void> {
    const peers = [...this.#peers];
    const feeding = this.#feed !== undefined;
    this.stopFeed();
    const id = ++this.#record.produced;
    await Promise.all(peers.map((peer) => peer.cut(id)));
    // A reset throws away what the client has not read yet.
    await sleep(READ_MS);
    for (const peer of peers) peer.reset();
    if (feeding) this.resumeFeed();
  }

  /** Closes connections with 1001, as a server that ends what has been renewed. */
  close(peers: readonly Peer[]): void {
    for (const peer of peers) peer.close(1001);
  }

  /** Closes every connection with 1000, and every new one as soon as it is up. */
  closeAtOnce(): void {
    this.#door = "close at once";
    for (const peer of this.#peers) peer.close(1000);
  }

  /** Refuses every upgrade from now on, and resets every connection. */
  async refuse(status: string, headers = ""): Promise<void> {
    this.#door = { status, headers };
    await this.reset();
  }

  /** Serves every client that dials. */
  serve(): void {
    this.#door = "open";
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
    server.on("upgrade", (request: IncomingMessage, socket: Socket) =>
      this.#upgrade(request, socket),
    );
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      // What goes wrong with a connection is the client's to notice; here it is only gone.
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    });
    return server;
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, this.#host);
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #upgrade(request: IncomingMessage, socket: Socket): void {
    this.#record.attempts.push({ at: performance.now(), refused: this.#door !== "open" });
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
    if (this.#door === "close at once") peer.close(1000);
  }

  #note(text: string): void {
    const id = Number(/^\{"soak":(\d+)\}$/.exec(text)?.[1]);
    if (!Number.isNaN(id) && !this.#record.texts.has(id))
      this.#record.texts.set(id, performance.now());
  }

  #subscribers(): Peer[] {
    return [...this.#peers].filter(({ wantsData }) => wantsData);
  }

  /** What is sent without a client is missed by all; nothing is sent before the first one came. */
  #tick(): void {
    const subscribers = this.#subscribers();
    if (subscribers.length === 0 && this.#record.produced === 0) return;
    const id = ++this.#record.produced;
    for (const peer of subscribers) peer.sendFrame(id, "");
  }
}
