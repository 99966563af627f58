// How this works. Undici's WebSocket, which is Node's own, has no way to be dropped: `close()`
// waits for the peer's answer without a bound, reads what comes, and keeps the process alive. But
// undici tells on two documented diagnostics channels of every request that it sends, with its
// socket, and of every WebSocket that opens, with its local address. While a dial of ours is under
// way both are listened to, and the socket is found by that address. Nothing of undici is replaced,
// and where nothing is told (browsers, Deno, Bun) there is no socket to be found.

import { queueMicrotask } from "./web-runtime.js";

/** What is used of a `net.Socket`. */
interface RawSocket {
  readonly localAddress?: unknown;
  readonly localPort?: unknown;
  readonly destroyed: boolean;
  /** `h2`: the socket is shared with other requests. */
  readonly alpnProtocol?: unknown;
  destroy(): unknown;
}

/** What undici says when the head of a request leaves. */
interface HeadersSent {
  readonly request: { readonly upgrade?: unknown };
  readonly socket: RawSocket;
}

/** What undici says when a WebSocket opens. */
interface WebSocketOpened {
  readonly address?: { readonly address: unknown; readonly port: unknown } | null;
  /** Since undici 7, which speaks after the `open` event; older ones speak right before it. */
  readonly websocket?: object;
}

/** Of `node:diagnostics_channel`. */
interface Channels {
  subscribe(name: string, listener: (message: unknown) => void): void;
  unsubscribe(name: string, listener: (message: unknown) => void): void;
}

const HEADERS_SENT = "undici:client:sendHeaders";
const OPENED = "undici:websocket:open";

/** Sockets over which an upgrade was asked for. Empty while no dial is under way. */
const upgrading = new Set<RawSocket>();
const socketOf = new WeakMap<object, RawSocket>();
/**
 * Of the WebSocket whose `open` event comes next in this turn, which was told without its object.
 */
let opening: RawSocket | undefined;
let dials = 0;

/** Watches for the socket below one WebSocket that is being dialled. */
export interface DialWatch {
  /** To be called in the `open` event. */
  opened(ws: object): void;
  /** To be called once, when the dial is over. */
  end(): void;
}

/** Begins to watch, to be called right after the WebSocket was made. */
export function watchDial(): DialWatch {
  const channels = diagnosticsChannels();
  if (channels === undefined) return NOTHING_TO_WATCH;
  if (dials++ === 0) {
    channels.subscribe(HEADERS_SENT, onHeadersSent);
    channels.subscribe(OPENED, onOpened);
  }
  return {
    opened(ws) {
      if (opening !== undefined) socketOf.set(ws, opening);
      opening = undefined;
    },
    end() {
      // Undici may tell of the opening after the event in which the dial ends, in the same turn.
      queueMicrotask(() => {
        if (--dials > 0) return;
        channels.unsubscribe(HEADERS_SENT, onHeadersSent);
        channels.unsubscribe(OPENED, onOpened);
        upgrading.clear();
      });
    },
  };
}

/** Destroys the socket below a WebSocket. Returns whether it is known. */
export function destroySocket(ws: object): boolean {
  const socket = socketOf.get(ws);
  socket?.destroy();
  return socket !== undefined;
}

const NOTHING_TO_WATCH: DialWatch = { opened: () => undefined, end: () => undefined };

function onHeadersSent(message: unknown): void {
  const { request, socket } = message as HeadersSent;
  if (request.upgrade !== "websocket" || socket.alpnProtocol === "h2") return;
  for (const former of upgrading) if (former.destroyed) upgrading.delete(former);
  upgrading.add(socket);
}

function onOpened(message: unknown): void {
  const { address, websocket } = message as WebSocketOpened;
  const found = [...upgrading].filter(
    ({ localAddress, localPort }) =>
      localAddress === address?.address && localPort === address?.port && localPort !== undefined,
  );
  // Two with one address lead to two servers; which of them this is cannot be known.
  const [socket] = found;
  if (socket === undefined || found.length > 1) return;
  upgrading.delete(socket);
  if (websocket !== undefined) {
    socketOf.set(websocket, socket);
    return;
  }
  opening = socket;
  queueMicrotask(() => {
    opening = undefined;
  });
}

/** Node 20.16 and later offer their modules without an import, which no browser could resolve. */
function diagnosticsChannels(): Channels | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => Channels | undefined };
  };
  return process?.getBuiltinModule?.("node:diagnostics_channel");
}
