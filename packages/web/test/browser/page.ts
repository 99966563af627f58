// Runs in a browser, in a page or a worker: the leaf and the stack over the browser's own socket.
import type { Frame, ReconnectingConnection } from "@oath-ws/contract";
import { connectorConformance } from "@oath-ws/testing";
import type { ConformancePeer, ConformanceServer } from "@oath-ws/testing";
import { toWebStreams } from "@oath-ws/resilience/streams";
import { openWeb } from "../../src/open-web.js";
import type { OpenWebOptions } from "../../src/open-web.js";
import { webConnector } from "../../src/web-connector.js";
import { ReconnectingWebSocket, ResilientWebSocket } from "../../src/websocket/index.js";
import type { ReconnectingWebSocketOptions } from "../../src/websocket/index.js";
import { WEB_CAPABILITIES } from "../support/web-capabilities.js";
import { pack, unpack } from "./packed.js";

declare global {
  /** The server in the test's process: an operation, whose, and what with; all of it packed. */
  var serverCall: (call: string) => Promise<string>;
  var probePage: ProbePage;
}

/** How the test sees a connection of the page. */
export interface Seen {
  readonly phase: string;
  readonly epoch: number;
  readonly waitingFor: string | undefined;
  readonly staleCount: number;
  readonly attempts: number;
  readonly texts: readonly string[];
  readonly cause: string | undefined;
  readonly isFresh: boolean;
}

/** Browsers put dials off for seconds when others of the page have failed. */
const PATIENCE_MS = 20_000;

/** What became of every `of`th case, the first of them being case `from`, but for those named. */
async function conformance(
  from: number,
  of: number,
  not: readonly string[],
): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const [index, { name, run }] of connectorConformance(harness).entries()) {
    if (index % of !== from || not.includes(name)) continue;
    try {
      outcomes[name] = await run();
    } catch (error) {
      outcomes[name] = error instanceof Error ? error.message : String(error);
    }
  }
  return outcomes;
}

async function call(
  server: number,
  peer: number,
  name: string,
  ...args: unknown[]
): Promise<unknown> {
  return unpack(await globalThis.serverCall(pack([server, peer, name, ...args])));
}

type Harness = Parameters<typeof connectorConformance>[0];

const harness: Harness = () => {
  const counts: (() => Promise<void>)[] = [];
  return {
    capabilities: WEB_CAPABILITIES,
    createConnector: () => webConnector(),
    async startPeer(behaviour) {
      const { id, url } = (await call(0, 0, "start", behaviour)) as { id: number; url: string };
      let dialCount = 0;
      counts.push(async () => {
        dialCount = (await call(id, 0, "dialCount")) as number;
      });
      const server: ConformanceServer = {
        url,
        get dialCount() {
          return dialCount;
        },
        async accepted() {
          const made = (await call(id, 0, "accepted")) as { peer: number; request: unknown };
          return remotePeer(id, made.peer, made.request as ConformancePeer["request"]);
        },
        dialled: async () => void (await call(id, 0, "dialled")),
        idle: async () => void (await call(id, 0, "idle")),
        stop: async () => void (await call(id, 0, "stop")),
      };
      return server;
    },
    now: () => performance.now(),
    async within(promise, what) {
      let handle: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<never>((_, reject) => {
        handle = setTimeout(() => reject(new Error(`waited too long for ${what}`)), PATIENCE_MS);
      });
      const result = await Promise.race([promise, late]).finally(() => clearTimeout(handle));
      for (const count of counts) await count();
      return result;
    },
  };
};

/** What it is told goes out in order; nothing waits for it. */
function remotePeer(
  id: number,
  peer: number,
  request: ConformancePeer["request"],
): ConformancePeer {
  const tell = (name: string, ...args: unknown[]): void => void call(id, peer, name, ...args);
  return {
    request,
    send: (frame) => tell("send", frame),
    sendPartial: () => tell("sendPartial"),
    next: async () => (await call(id, peer, "next")) as Frame,
    reset: () => tell("reset"),
    stopReading: () => tell("stopReading"),
    resumeReading: () => tell("resumeReading"),
    gone: async () => void (await call(id, peer, "gone")),
  };
}

/** One connection of the page at a time. */
export class ProbePage {
  readonly conformance = conformance;
  #feed: ReconnectingConnection | undefined;
  #texts: string[] = [];
  #socket: ReconnectingWebSocket | ResilientWebSocket | undefined;
  #story: string[] = [];

  async open(url: string, options: OpenWebOptions): Promise<void> {
    this.#texts = [];
    const feed = (this.#feed = await openWeb(url, options));
    void (async () => {
      for await (const frame of feed.source) this.#texts.push(frame.text());
    })();
  }

  see(): Seen {
    const feed = this.#feed;
    if (feed === undefined) throw new Error("nothing is open");
    const { phase, epoch, waitingFor, staleCount, attempts, cause } = feed.lifecycle.snapshot;
    const isFresh = feed.lifecycle.isFresh(1_000);
    const texts = [...this.#texts];
    return { phase, epoch, waitingFor, staleCount, attempts, texts, isFresh, cause: cause?.code };
  }

  async close(): Promise<void> {
    await this.#feed?.control.shutdown();
  }

  /** Makes a drop-in; `"global"` is a `ResilientWebSocket` in the place of the platform's class. */
  connect(
    kind: "global" | "reconnecting",
    url: string,
    options: ReconnectingWebSocketOptions,
  ): void {
    const story: string[] = (this.#story = []);
    let socket: ReconnectingWebSocket | ResilientWebSocket;
    if (kind === "global") {
      globalThis.WebSocket = ResilientWebSocket as unknown as typeof WebSocket;
      socket = new WebSocket(url) as unknown as ResilientWebSocket;
    } else socket = new ReconnectingWebSocket(url, [], options);
    this.#socket = socket;
    socket.addEventListener("open", ({ epoch }) => story.push(`open ${epoch}`));
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") story.push(`message ${data}`);
      else if (data instanceof ArrayBuffer) story.push(`message ArrayBuffer ${data.byteLength}`);
    });
    socket.addEventListener("error", ({ error }) => story.push(`error ${error.code}`));
    socket.addEventListener("close", ({ code, epoch }) => story.push(`close ${code} ${epoch}`));
  }

  /** What the drop-in has told. */
  story(): readonly string[] {
    return this.#story;
  }

  send(text: string): void {
    this.#socket?.send(text);
  }

  closeSocket(code: number, reason: string): void {
    this.#socket?.close(code, reason);
  }

  /** Reads so many frames of a connection as a stream, sends the first one back, and closes it. */
  async stream(url: string, options: OpenWebOptions, count: number): Promise<string[]> {
    const { readable, writable } = toWebStreams(await openWeb(url, options));
    const reader = readable.getReader();
    const writer = writable.getWriter();
    const read: string[] = [];
    for (let index = 0; index < count; index++) {
      const { value } = await reader.read();
      if (index === 0) await writer.write(value?.text() ?? "");
      read.push(`${value?.epoch} ${value?.text()}`);
    }
    await writer.close();
    const { done } = await reader.read();
    return [...read, done ? "closed" : "open"];
  }

  /** The page believes that it is hidden or visible. */
  pretend(state: string): void {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }

  /** What a worker saw of the same stack. */
  async inWorker(url: string): Promise<Seen> {
    const worker = new Worker("/page.js", { type: "module" });
    const seen = await new Promise<Seen>((resolve, reject) => {
      worker.onerror = () => reject(new Error("the worker failed"));
      worker.onmessage = ({ data }: MessageEvent<Seen>) => resolve(data);
      worker.postMessage(url);
    });
    worker.terminate();
    return seen;
  }
}

globalThis.probePage = new ProbePage();

// In a worker: opens what it is told, and answers once something has arrived.
if (typeof document === "undefined") {
  globalThis.onmessage = async ({ data }: MessageEvent<string>): Promise<void> => {
    await probePage.open(data, {});
    while (probePage.see().texts.length === 0) await new Promise((done) => setTimeout(done, 5));
    const seen = probePage.see();
    await probePage.close();
    globalThis.postMessage(seen);
  };
}
