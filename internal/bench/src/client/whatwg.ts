import { NotAvailable } from "../errors.js";
import type { Connect } from "./connection.js";

/** What is used of a WebSocket of the WHATWG's shape. The published types need the DOM's. */
interface WhatwgSocket {
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}
type WhatwgConstructor = new (url: string) => WhatwgSocket;

const OPEN = 1;

export async function connectUndici(): Promise<Connect> {
  const { WebSocket } = await import("undici");
  return connectWith(WebSocket as unknown as WhatwgConstructor);
}

export async function connectNative(): Promise<Connect> {
  const { WebSocket } = globalThis as { WebSocket?: WhatwgConstructor };
  if (WebSocket === undefined) throw new NotAvailable("this runtime has no WebSocket of its own");
  return connectWith(WebSocket);
}

function connectWith(WebSocket: WhatwgConstructor): Connect {
  return (url, sink) =>
    new Promise((resolve, reject) => {
      const ws = new WebSocket(url);
      ws.onmessage = ({ data }) => sink(data as string);
      ws.onclose = () => reject(new Error("the connection was lost"));
      ws.onopen = () => {
        resolve({
          send: (text) => ws.send(text),
          sendAll: () => Promise.reject(new NotAvailable("it does not tell when a frame has left")),
          fault: () => (ws.readyState === OPEN ? undefined : "the connection was lost"),
          close: async () => ws.close(),
        });
      };
    });
}
