import type { Handshake, WsConnector } from "@oath-ws/contract";
import { urlOrigin, WsError } from "@oath-ws/contract";
import {
  handshakeOptionsInvalid,
  leafConnector,
  subprotocolRefused,
} from "@oath-ws/resilience/leaf";
import type { Dial } from "@oath-ws/resilience/leaf";
import { giveUp, lingeringSockets } from "./give-up.js";
import { handshakeFault } from "./handshake-fault.js";
import { watchDial } from "./undici-sockets.js";
import { WebConnection } from "./web-connection.js";
import { resolveWebOptions } from "./web-connector-options.js";
import type { ResolvedWebOptions, WebConnectorOptions } from "./web-connector-options.js";
import type { WebSocketLike } from "./web-socket-like.js";

/**
 * The leaf over a WHATWG `WebSocket`: opens one connection per call and neither retries nor times
 * out; `stack()` does that, and `buildWeb()` assembles it. Throws one `ConfigError` with every
 * fault of the options. `connect()` rejects with
 *
 * - `URL_INVALID` (kind `client`): nothing was dialled
 * - `HANDSHAKE_OPTIONS_INVALID` (kind `client`): the handshake has headers, which only a
 *   constructor with `headersSupported` can send, or the platform refused it (a malformed
 *   subprotocol, `ws:` on a page that came over `https:`)
 * - `CONNECT_FAILED` (kind `connection`): anything else, a refusal with a status included. The
 *   standard hides what it was from scripts
 * - `SUBPROTOCOL_REFUSED` (kind `client`): the server chose none of the subprotocols offered, and
 *   the platform let it pass
 * - the reason of the signal, as soon as that is aborted
 *
 * What is weaker than over the Node leaf: a send counts as sent once the platform has the frame;
 * there are no control frames; a message that comes after our `close()` is dropped by the platform;
 * `destroy()` cannot drop the socket in browsers and Deno (see `lingeringSockets`).
 */
export function webConnector(options?: WebConnectorOptions): WsConnector {
  const resolved = resolveWebOptions(options);
  const connector = leafConnector(
    (handshake) => handshakeFault(handshake, resolved.headersSupported),
    (attempt) => dial(resolved, attempt),
  );
  return { ...connector, lingeringSockets };
}

function dial(options: ResolvedWebOptions, attempt: Dial): void {
  const { handshake, events, signal, resolve, reject } = attempt;
  const where = `cannot connect to ${urlOrigin(handshake.url)}`;
  let ws: WebSocketLike;
  try {
    ws = construct(options, handshake);
    ws.binaryType = "arraybuffer";
  } catch (error) {
    reject(refusedByPlatform(error, where));
    return;
  }
  // A socket that can be dropped by itself needs no help.
  const watch = typeof ws.terminate === "function" ? undefined : watchDial();
  const settle = (): void => {
    watch?.end();
    signal?.removeEventListener("abort", onAbort);
    ws.removeEventListener("open", onOpen);
    ws.removeEventListener("error", onFailure);
    ws.removeEventListener("close", onFailure);
    // Giving up makes some platforms emit one more error, and npm `ws` throws those without
    // listens to.
    ws.addEventListener("error", ignore);
  };
  const fail = (reason: unknown): void => {
    settle();
    giveUp(ws);
    reject(reason);
  };
  const onAbort = (): void => fail(signal?.reason);
  const onFailure = (): void => {
    // The event has a message on some platforms, but one that may quote the URL, token and all.
    fail(
      new WsError({
        kind: "connection",
        code: "CONNECT_FAILED",
        message: `${where}: the platform does not tell why`,
      }),
    );
  };
  const onOpen = (): void => {
    watch?.opened(ws);
    const { protocols } = handshake;
    if (protocols.length > 0 && !protocols.includes(ws.protocol ?? "")) {
      const message = `${where}: the server chose none of the subprotocols offered`;
      return fail(subprotocolRefused(message));
    }
    settle();
    // Listening from this very turn on: the first message may be the next event.
    resolve(new WebConnection(ws, events, options).open());
  };
  ws.addEventListener("open", onOpen);
  ws.addEventListener("error", onFailure);
  ws.addEventListener("close", onFailure);
  signal?.addEventListener("abort", onAbort);
}

function construct(
  options: ResolvedWebOptions,
  { url, protocols, headers }: Handshake,
): WebSocketLike {
  const { WebSocket } = options;
  if (Object.keys(headers).length === 0) return new WebSocket(url, [...protocols]);
  const WithHeaders = WebSocket as unknown as new (
    url: string,
    init: { readonly protocols: string[]; readonly headers: Readonly<Record<string, string>> },
  ) => WebSocketLike;
  return new WithHeaders(url, { protocols: [...protocols], headers: { ...headers } });
}

/**
 * The constructor threw. Its text is left out, for it may quote the URL or a subprotocol, and some
 * venues take tokens as either.
 */
function refusedByPlatform(error: unknown, where: string): WsError {
  const name = error instanceof Error ? error.name : typeof error;
  return handshakeOptionsInvalid(`${where}: the platform refused the handshake (${name})`);
}

function ignore(): void {}
