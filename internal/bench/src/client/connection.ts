import type { Client } from "../model.js";

/** Where a connection puts the payload of each data frame. */
export type Sink = (data: Uint8Array | string) => void;

/** An open connection that delivers into a sink. */
export interface Connection {
  /** Sends without waiting. */
  send(text: string): void;
  /** Sends the text so many times at once, and resolves when all have left. */
  sendAll(text: string, count: number): Promise<void>;
  /** Why a round does not count: dropped frames, a reconnect. */
  fault(): string | undefined;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Whether compression is offered. */
  readonly deflate?: boolean;
  /** Whether the peer resets connections: the next attempt then comes at once. */
  readonly resets?: boolean;
}

export type Connect = (url: string, sink: Sink, options: ConnectOptions) => Promise<Connection>;

/** Loads one client, and no other. */
export async function loadConnect(client: Client): Promise<Connect> {
  switch (client.kind) {
    case "ws": {
      const { connectWs, redialWs } = await import("./ws.js");
      return client.redial === true ? redialWs : connectWs(client.reads);
    }
    case "stack":
      return (await import("./stack.js")).connectStack(client);
    case "undici":
      return (await import("./whatwg.js")).connectUndici();
    case "native":
      return (await import("./whatwg.js")).connectNative();
    case "wsEvents":
    case "adapter":
      throw new Error("this client reads events only");
    default:
      return client satisfies never;
  }
}

/** How many connections are dialled at a time. */
const AT_ONCE = 25;

/** Opens connections to `url/0`, `url/1` and so on. */
export async function connectMany(
  connect: (url: string) => Promise<Connection>,
  url: string,
  count: number,
): Promise<Connection[]> {
  const opened: Connection[] = [];
  while (opened.length < count) {
    const first = opened.length;
    const batch = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) =>
      connect(`${url}/${first + i}`),
    );
    opened.push(...(await Promise.all(batch)));
  }
  return opened;
}
