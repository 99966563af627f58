import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { Frame } from "@oath-ws/contract";
import type {
  ConformanceHarness,
  ConformancePeer,
  ConformanceRequest,
  ConformanceServer,
  PeerBehaviour,
} from "@oath-ws/testing";
import { wsConnector } from "../../src/ws/ws-connector.js";
import { closePayload, frame, OP } from "./frames.js";
import { gone, RawPeer, rawServer } from "./raw-server.js";
import type { RawServer } from "./raw-server.js";

/** Far more than anything on loopback takes, and less than the runner's own timeout. */
const PATIENCE_MS = 10_000;

const KINDS = { 1: "text", 2: "binary", 9: "ping", 10: "pong" } as const;

/** The conformance suite's hands on the `ws` leaf: raw servers on loopback. */
export function wsHarness(options?: Parameters<typeof rawServer>[0]): ConformanceHarness {
  return {
    capabilities: {
      controlFrames: true,
      refusalDetails: true,
      requestHeaders: true,
      abruptEnd: true,
      backpressure: true,
      partialFrames: true,
    },
    createConnector: () => wsConnector(),
    startPeer: async (behaviour) =>
      behaviour.kind === "absent"
        ? absentServer()
        : new LoopbackServer(await rawServer(options), behaviour),
    now: () => performance.now(),
    within,
  };
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timeout = setTimeout(
      () => reject(new Error(`waited ${PATIENCE_MS} ms for ${what}`)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timeout);
  }
}

/** A server of the conformance suite over raw sockets, or over what acts like them. */
export class LoopbackServer implements ConformanceServer {
  readonly url: string;
  readonly #server: RawServer;
  readonly #behaviour: PeerBehaviour;
  readonly #connectTo: (port: number) => Socket;
  readonly #first: Promise<Socket>;
  readonly #ready: ConformancePeer[] = [];
  #knocks = 0;
  readonly #waiting: ((peer: ConformancePeer) => void)[] = [];

  /** @param connectTo dials a port of the server, as `net.connect` does */
  constructor(
    server: RawServer,
    behaviour: PeerBehaviour,
    connectTo: (port: number) => Socket = (port) => connect(port, "127.0.0.1"),
  ) {
    this.#server = server;
    this.#connectTo = connectTo;
    this.#behaviour = behaviour;
    this.url = `${server.url}feed`;
    this.#first = server.next();
    void this.#serve(this.#first);
  }

  get dialCount(): number {
    return this.#server.accepted.length - this.#knocks;
  }

  accepted(): Promise<ConformancePeer> {
    const peer = this.#ready.shift();
    return peer === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(peer);
  }

  async dialled(): Promise<void> {
    await this.#first;
  }

  async idle(): Promise<void> {
    await this.#knock();
    await Promise.all(this.#server.accepted.map(gone));
  }

  async stop(): Promise<void> {
    for (const socket of this.#server.accepted) socket.destroy();
    await Promise.all(this.#server.accepted.map(gone));
  }

  async #serve(connection: Promise<Socket>): Promise<void> {
    const socket = await connection;
    void this.#serve(this.#server.next());
    // A client may leave at any step of this.
    await this.#answer(socket).catch(() => undefined);
  }

  async #answer(socket: Socket): Promise<void> {
    const behaviour = this.#behaviour;
    const peer = new RawPeer(socket);
    switch (behaviour.kind) {
      case "drop":
        socket.resetAndDestroy();
        return;
      case "refuse": {
        await peer.request();
        const retry =
          behaviour.retryAfterSeconds === undefined
            ? ""
            : `Retry-After: ${behaviour.retryAfterSeconds}\r\n`;
        socket.write(`HTTP/1.1 ${behaviour.status} No\r\n${retry}Content-Length: 0\r\n\r\n`);
        return;
      }
      case "accept": {
        const chosen =
          behaviour.protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${behaviour.protocol}`];
        const early = Buffer.concat((behaviour.early ?? []).map(encode));
        const request = parseRequest(await peer.upgrade(early, chosen));
        const accepted = new LoopbackPeer(peer, request);
        const waiter = this.#waiting.shift();
        if (waiter === undefined) this.#ready.push(accepted);
        else waiter(accepted);
        return;
      }
      case "hang":
      case "absent":
        return;
      default:
        behaviour satisfies never;
    }
  }

  /**
   * Connects and leaves. Once the server has let go of this one, it has accepted whatever was
   * dialled before.
   */
  async #knock(): Promise<void> {
    this.#knocks++;
    const knock = this.#connectTo(this.#server.port);
    knock.on("error", () => undefined);
    knock.resume().end();
    await gone(knock);
  }
}

class LoopbackPeer implements ConformancePeer {
  readonly request: ConformanceRequest;
  readonly #peer: RawPeer;
  readonly #frames: Frame[] = [];
  readonly #waiting: ((frame: Frame) => void)[] = [];
  #closeSent = false;
  #closeReceived = false;

  constructor(peer: RawPeer, request: ConformanceRequest) {
    this.#peer = peer;
    this.request = request;
    // Until the client leaves; a caller that waits for a frame then waits for ever, as the
    // harness's interface has it.
    void this.#receive().catch(() => undefined);
  }

  send(sent: Frame): void {
    this.#peer.socket.write(encode(sent));
    if (sent.kind === "close") this.#closeSent = true;
    this.#endAfterBoth();
  }

  sendPartial(): void {
    this.#peer.socket.write(frame(OP.binary, Buffer.alloc(1000)).subarray(0, 500));
  }

  next(): Promise<Frame> {
    const ready = this.#frames.shift();
    return ready === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(ready);
  }

  reset(): void {
    this.#peer.socket.resetAndDestroy();
  }

  stopReading(): void {
    this.#peer.socket.pause();
  }

  resumeReading(): void {
    this.#peer.socket.resume();
  }

  gone(): Promise<void> {
    return gone(this.#peer.socket);
  }

  async #receive(): Promise<never> {
    for (;;) {
      const received = decode(await this.#peer.nextFrame());
      if (received.kind === "close") this.#closeReceived = true;
      this.#endAfterBoth();
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#frames.push(received);
      else waiter(received);
    }
  }

  #endAfterBoth(): void {
    if (this.#closeSent && this.#closeReceived) this.#peer.socket.end();
  }
}

/** A URL without a listener any more. */
async function absentServer(): Promise<ConformanceServer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const nothing = (): Promise<void> => Promise.resolve();
  const never = (): Promise<never> => Promise.reject(new Error("no listener here"));
  return {
    url: `ws://127.0.0.1:${port}/`,
    dialCount: 0,
    accepted: never,
    dialled: never,
    idle: nothing,
    stop: nothing,
  };
}

function decode({ opcode, payload }: { opcode: number; payload: Buffer }): Frame {
  if (opcode !== OP.close) return { kind: KINDS[opcode as keyof typeof KINDS], data: payload };
  return {
    kind: "close",
    code: payload.length < 2 ? 1005 : payload.readUInt16BE(0),
    data: payload.subarray(2),
  };
}

function encode(sent: Frame): Buffer {
  if (sent.kind !== "close") return frame(OP[sent.kind], sent.data);
  return frame(
    OP.close,
    sent.code === 1005 ? "" : Buffer.concat([closePayload(sent.code), sent.data]),
  );
}

function parseRequest(head: string): ConformanceRequest {
  const [first = "", ...lines] = head.trimEnd().split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const offered = headers["sec-websocket-protocol"];
  return {
    target: first.split(" ")[1] ?? "",
    protocols: offered === undefined ? [] : offered.split(/, */),
    headers,
  };
}
