import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";

/** What the server knows of one connection. */
export interface VenueRecord {
  /** Which attempt of the client it was; the client says so in its URL. */
  readonly attempt: number;
  /** Texts handed to the socket, in order: `<attempt>:<number>` and padding. */
  readonly sent: string[];
  /** Texts received, in order. */
  readonly received: string[];
  /** The close code once it is over: 1006 when the client's close frame never came. */
  closeCode: number | undefined;
}

interface Peer {
  readonly socket: WebSocket;
  readonly record: VenueRecord;
  /** Sends nothing more, because it has broken the protocol. */
  broken: boolean;
}

/** What the next connections get instead of service. */
type Reception =
  | { readonly kind: "close"; readonly code: number | undefined }
  | { readonly kind: "refuse"; readonly status: number };

/** How often every client gets a few frames, in milliseconds. */
const TICK_MS = 4;
/** Bytes that may wait in the server for one client. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const OPEN = 1;

/**
 * A server over `ws` that keeps its own record of what it sent and received, and misbehaves when
 * told to.
 */
export class Venue implements AsyncDisposable {
  readonly #http: Server = createServer();
  readonly #websockets = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  readonly #raw = new Set<Duplex>();
  readonly #peers = new Set<Peer>();
  readonly #reception: Reception[] = [];
  #records: VenueRecord[] = [];
  #ticker: NodeJS.Timeout | undefined;
  #stall = { reading: false, writing: false };

  static async start(): Promise<Venue> {
    const venue = new Venue();
    venue.#http.on("upgrade", (request, socket, head) =>
      venue.#upgrade(request, socket as Socket, head),
    );
    venue.#http.on("connection", (socket) => {
      venue.#raw.add(socket);
      socket.once("close", () => venue.#raw.delete(socket));
    });
    venue.#http.listen(0, "127.0.0.1");
    await once(venue.#http, "listening");
    venue.#ticker = setInterval(() => venue.#tick(), TICK_MS);
    return venue;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** TCP connections that exist now, whatever they have become. */
  get open(): number {
    return this.#raw.size;
  }

  /** Hands over the records so far, and begins again. */
  takeRecords(): VenueRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** Sends so many frames to every client, in one go. */
  burst(frames: number, bytes: number): void {
    for (const peer of this.#peers) for (let i = 0; i < frames; i++) this.#send(peer, bytes);
  }

  pingAll(): void {
    for (const { socket } of this.#peers)
      if (socket.readyState === OPEN) for (let i = 0; i < 20; i++) socket.ping(`p${i}`);
  }

  closeAll(code: number): void {
    for (const { socket } of this.#peers) socket.close(code, "chaos");
  }

  /** Ends TCP without a close frame. */
  finAll(): void {
    for (const { socket } of this.#peers) rawSocket(socket).end();
  }

  /** Sends a frame with a reserved opcode, and nothing after it. */
  violateAll(): void {
    for (const peer of this.#peers) {
      if (peer.socket.readyState !== OPEN || peer.broken) continue;
      peer.broken = true;
      rawSocket(peer.socket).write(Buffer.from([0x83, 0x00]));
    }
  }

  /**
   * The next connections are closed as soon as they are there: with a code, or by a reset for none.
   */
  closeNext(count: number, code: number | undefined): void {
    for (let i = 0; i < count; i++) this.#reception.push({ kind: "close", code });
  }

  refuseNext(count: number, status: number): void {
    for (let i = 0; i < count; i++) this.#reception.push({ kind: "refuse", status });
  }

  /** From now on all clients, those to come included, are not read from, or not written to. */
  stall(reading: boolean, writing: boolean): void {
    this.#stall = { reading, writing };
    for (const { socket } of this.#peers) if (reading) rawSocket(socket).pause();
  }

  /** Behaves again. */
  heal(): void {
    this.#reception.length = 0;
    this.#stall = { reading: false, writing: false };
    for (const { socket } of this.#peers) rawSocket(socket).resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#ticker);
    for (const socket of this.#raw) socket.destroy();
    this.#websockets.close();
    await new Promise((resolve) => {
      this.#http.close(resolve);
    });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on("error", () => undefined);
    const reception = this.#reception.shift();
    if (reception?.kind === "refuse") {
      socket.end(
        `HTTP/1.1 ${reception.status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    this.#websockets.handleUpgrade(request, socket, head, (websocket) => {
      this.#welcome(websocket, attemptOf(request));
      if (reception === undefined) return;
      if (reception.code === undefined) socket.resetAndDestroy();
      else websocket.close(reception.code);
    });
  }

  #welcome(socket: WebSocket, attempt: number): void {
    const record: VenueRecord = { attempt, sent: [], received: [], closeCode: undefined };
    const peer: Peer = { socket, record, broken: false };
    this.#records.push(record);
    this.#peers.add(peer);
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => record.received.push(data.toString("utf8")));
    socket.on("close", (code) => {
      record.closeCode = code;
      this.#peers.delete(peer);
    });
    if (this.#stall.reading) rawSocket(socket).pause();
    this.#send(peer, 0);
  }

  #tick(): void {
    for (const peer of this.#peers) this.#send(peer, peer.record.sent.length % 100);
  }

  #send(peer: Peer, bytes: number): void {
    const { socket, record, broken } = peer;
    if (
      broken ||
      this.#stall.writing ||
      socket.readyState !== OPEN ||
      socket.bufferedAmount > MAX_WAITING_BYTES
    )
      return;
    const text = `${record.attempt}:${record.sent.length + 1}`.padEnd(bytes, ".");
    record.sent.push(text);
    socket.send(text, () => undefined);
  }
}

function attemptOf(request: IncomingMessage): number {
  return Number(new URL(request.url ?? "/", "http://venue").searchParams.get("attempt"));
}

function rawSocket(socket: WebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}
