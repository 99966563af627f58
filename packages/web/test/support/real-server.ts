import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import type { Frame } from "@oath-ws/contract";
import type { ConformancePeer, ConformanceServer, PeerBehaviour } from "@oath-ws/testing";
import { Inbox } from "./inbox.js";
import {
  ClientFrames,
  encodeFrame,
  parseRequest,
  partialFrame,
  switchingProtocols,
} from "./wire.js";
import type { UpgradeRequest } from "./wire.js";

/**
 * A server of the conformance suite on a real loopback socket, which does what its behaviour says
 * and nothing else.
 *
 * One liberty for the web leaf: the standard's `close()` is the only way in which a WHATWG socket
 * can be given up, and it ends with the peer's answer. So once a case waits for a client to be
 * gone, its close frame is answered, as any server's would be.
 */
export class RealServer implements ConformanceServer {
  dialCount = 0;
  readonly #server: Server;
  readonly #behaviour: PeerBehaviour;
  readonly #sockets = new Set<Socket>();
  readonly #peers = new Set<RealPeer>();
  readonly #accepted = new Inbox<RealPeer>();
  readonly #dials = new Inbox<undefined>();
  #onIdle: (() => void) | undefined;

  static async start(behaviour: PeerBehaviour): Promise<RealServer> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new RealServer(server, behaviour);
  }

  readonly url: string;

  private constructor(server: Server, behaviour: PeerBehaviour) {
    this.#server = server;
    this.#behaviour = behaviour;
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
    if (behaviour.kind === "absent") server.close();
    server.on("connection", (socket) => this.#onConnection(socket));
  }

  accepted(): Promise<ConformancePeer> {
    return this.#accepted.next();
  }

  async dialled(): Promise<void> {
    await this.#dials.next();
  }

  idle(): Promise<void> {
    for (const peer of this.#peers) peer.answerClose();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#checkIdle();
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  #onConnection(socket: Socket): void {
    this.#sockets.add(socket);
    // Cases reset connections on purpose.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#checkIdle();
    });
    let head = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", onData);
      this.#onDial(
        socket,
        parseRequest(head.subarray(0, end).toString("latin1")),
        head.subarray(end + 4),
      );
    };
    socket.on("data", onData);
  }

  #onDial(socket: Socket, request: UpgradeRequest, rest: Buffer): void {
    this.dialCount++;
    const behaviour = this.#behaviour;
    if (behaviour.kind === "accept") {
      // In one packet, as far as TCP goes.
      socket.cork();
      socket.write(switchingProtocols(request, behaviour.protocol));
      const peer = new RealPeer(socket, request, rest);
      for (const frame of behaviour.early ?? []) peer.send(frame);
      socket.uncork();
      this.#peers.add(peer);
      this.#accepted.put(peer);
    } else if (behaviour.kind === "refuse") {
      const retry =
        behaviour.retryAfterSeconds === undefined
          ? ""
          : `Retry-After: ${behaviour.retryAfterSeconds}\r\n`;
      socket.end(
        `HTTP/1.1 ${behaviour.status} No\r\n${retry}Content-Length: 0\r\nConnection: close\r\n\r\n`,
      );
    } else if (behaviour.kind === "drop") {
      socket.resetAndDestroy();
    } else {
      // Read on, so that the end of the client is noticed.
      socket.resume();
    }
    this.#dials.put(undefined);
  }

  #checkIdle(): void {
    if (this.#sockets.size === 0) this.#onIdle?.();
  }
}

/** The server's end of one connection. */
class RealPeer implements ConformancePeer {
  readonly request: UpgradeRequest;
  readonly #socket: Socket;
  readonly #frames = new Inbox<Frame>();
  readonly #decoder = new ClientFrames();
  #closeSent = false;
  #closeReceived = false;
  #answersClose = false;

  constructor(socket: Socket, request: UpgradeRequest, rest: Buffer) {
    this.#socket = socket;
    this.request = request;
    this.#onData(rest);
    socket.on("data", (chunk) => this.#onData(chunk));
  }

  send(frame: Frame): void {
    if (frame.kind === "close") this.#closeSent = true;
    this.#socket.write(encodeFrame(frame));
    this.#endIfClosed();
  }

  sendPartial(): void {
    this.#socket.write(partialFrame());
  }

  next(): Promise<Frame> {
    return this.#frames.next();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  stopReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  async gone(): Promise<void> {
    this.answerClose();
    if (!this.#socket.closed) await new Promise((resolve) => this.#socket.once("close", resolve));
  }

  /** From now on the client's close frame is answered, also one that came before. */
  answerClose(): void {
    this.#answersClose = true;
    if (this.#closeReceived && !this.#closeSent)
      this.send({ kind: "close", code: 1000, data: new Uint8Array(0) });
  }

  #onData(chunk: Buffer): void {
    for (const frame of this.#decoder.push(chunk)) {
      this.#frames.put(frame);
      if (frame.kind !== "close") continue;
      this.#closeReceived = true;
      if (this.#answersClose) this.answerClose();
    }
    this.#endIfClosed();
  }

  /** RFC 6455 section 7.1.1: the server ends TCP. */
  #endIfClosed(): void {
    if (this.#closeSent && this.#closeReceived) this.#socket.end();
  }
}
