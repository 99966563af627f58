import { WebSocket } from "ws";
import type { OpenReceiver } from "../receiver.js";

/** What the benchmark uses of a WHATWG-shaped client. The published types need the DOM's. */
interface Peer {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: string }) => void) | null;
  onclose: (() => void) | null;
  close(): void;
}
export type PeerConstructor = new (
  url: string,
  protocols: readonly string[],
  options: { readonly WebSocket: unknown },
) => Peer;

/**
 * For those that make their socket with `new WebSocket(url, protocols)`: compression is taken away.
 */
export class PlainWebSocket extends WebSocket {
  constructor(url: string, protocols?: string | string[]) {
    super(url, protocols ?? [], { perMessageDeflate: false });
  }
}

/** Defaults, apart from which WebSocket they use. */
export function peerReceiver(PeerClient: PeerConstructor): OpenReceiver {
  return (url, sink) =>
    new Promise((resolve, reject) => {
      const client = new PeerClient(url, [], { WebSocket: PlainWebSocket });
      let closed = 0;
      client.onmessage = (event) => sink.frame(event.data);
      client.onclose = () => {
        closed++;
        reject(new Error("the connection was lost"));
      };
      client.onopen = () => {
        resolve({
          fault: () => (closed === 0 ? undefined : "the connection was lost"),
          close: async () => client.close(),
        });
      };
    });
}
