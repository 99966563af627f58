import type { ConfigIssue, Handshake, WsConnector, WsError } from "@oath-ws/contract";
import { ConfigError, redactUrl } from "@oath-ws/contract";
import {
  dialLost,
  handshakeInvalid,
  leafConnector,
  subprotocolRefused,
} from "@oath-ws/resilience/leaf";
import type { Dial } from "@oath-ws/resilience/leaf";
import { WebSocket } from "ws";
import type { ClientOptions } from "ws";
import { dialFailure } from "../errors/dial-failure.js";
import { fromNodeError } from "../errors/from-node-error.js";
import { handshakeFault } from "../errors/handshake-fault.js";
import { LeafConnection } from "../leaf/leaf-connection.js";
import { flatHeaders } from "../errors/flat-headers.js";
import { refusalError } from "../errors/refusal.js";
import { resolveOptions } from "../options/resolve-options.js";
import type { ResolvedOptions } from "../options/resolve-options.js";
import type { WsConnectorOptions } from "../options/ws-connector-options.js";
import { WsSocket } from "./ws-socket.js";

/** Parts that an unfinished message may be in. */
const MAX_PARTS = 1_000_000;

/** The longest that Node's timers can count. */
const NEVER_MS = 2 ** 31 - 1;

const NOT_ON_BUN: ConfigIssue = {
  path: "leaf",
  message:
    'cannot be npm ws on Bun, which puts a WebSocket of its own in its place; use leaf: "direct", or directConnector()',
};

/**
 * The leaf over npm `ws` and `node:tls`: opens one connection per call and neither retries, nor
 * times out, nor answers pings; `stack()` does those. Make one connector and use it for many
 * connections: the TLS context is shared.
 *
 * Throws one `ConfigError` with every fault of the options, and on Bun in any case: use
 * `directConnector` there. `connect()` rejects with
 *
 * - `URL_INVALID`, `HANDSHAKE_OPTIONS_INVALID` (kind `client`): nothing was dialled
 * - `TLS_OPTIONS_INVALID` (kind `client`): the function for `tls` failed, nothing was dialled
 *   either
 * - the platform's code (`ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`, kind `connection`): DNS,
 *   TCP or TLS failed
 * - `UPGRADE_REFUSED` with `status`, `headers` and `retryAfterMs` (kind by status): the server
 *   answered, but not with 101
 * - `HANDSHAKE_INVALID` (kind `server`): what it answered is no WebSocket handshake
 * - `SUBPROTOCOL_REFUSED` (kind `client`): it chose none of the subprotocols offered
 * - the reason of the signal, as soon as that is aborted
 *
 * and leaves nothing open then. There is no timeout: without a signal a silent server is waited for
 * as long as TCP allows.
 */
export function wsConnector(options?: WsConnectorOptions): WsConnector {
  const resolved = resolveOptions(options);
  // Whoever imports `ws` there gets a class of Bun's own, without the socket that this leaf listens
  // to.
  if (process.versions["bun"] !== undefined) throw new ConfigError([NOT_ON_BUN]);
  return leafConnector(handshakeFault, (attempt) => dial(resolved, attempt));
}

function dial(options: ResolvedOptions, dialled: Dial): void {
  const { handshake, events, signal, resolve, reject } = dialled;
  const where = `cannot connect to ${redactUrl(handshake.url)}`;
  let ws: WebSocket;
  try {
    ws = new WebSocket(handshake.url, [...handshake.protocols], clientOptions(options, handshake));
  } catch (error) {
    reject(dialFailure(error, where));
    return;
  }
  const fail = (reason: unknown): void => {
    signal?.removeEventListener("abort", onAbort);
    ws.removeAllListeners();
    // Giving up makes `ws` emit one more error.
    ws.on("error", () => undefined);
    ws.terminate();
    reject(reason);
  };
  const onAbort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  let upgraded = false;
  ws.on("upgrade", (response) => {
    // Faults from here on are faults of the handshake. The response also brings the raw socket.
    upgraded = true;
    ws.on("open", () => {
      signal?.removeEventListener("abort", onAbort);
      ws.removeAllListeners();
      // Wired up in this very turn: what came in one packet with the 101 is parsed as soon as it is
      // over.
      const { socket: stream, headers } = response;
      const socket = new WsSocket(ws, stream);
      resolve(new LeafConnection(socket, stream, flatHeaders(headers), events, options).open());
    });
  });
  ws.on("unexpected-response", (_request, response) => {
    // Cut off half way, which it is about to be, it may have an error to tell.
    response.on("error", () => undefined);
    fail(refusalError(response, where, options.timer.wallNow()));
  });
  ws.on("error", (error) => {
    fail(upgraded ? upgradeFailure(error, where, handshake) : dialFailure(error, where));
  });
  ws.on("close", () => {
    fail(dialLost(where));
  });
}

function clientOptions(options: ResolvedOptions, handshake: Handshake): ClientOptions {
  const merged = {
    perMessageDeflate: false,
    ...options.ws,
    ...(new URL(handshake.url).protocol === "wss:" ? options.tlsOptions() : {}),
    headers: { ...handshake.headers },
    allowSynchronousEvents: true,
    autoPong: false,
    closeTimeout: NEVER_MS,
    followRedirects: false,
    // The defaults refuse legal messages that were cut into many fragments. Bytes are the bound;
    // these only keep a peer that cuts them into single bytes from costing a hundred times as much
    // in bookkeeping.
    maxBufferedChunks: MAX_PARTS,
    maxFragments: MAX_PARTS,
    maxPayload: options.maxMessageBytes,
  };
  return merged as ClientOptions;
}

/** The checks that `ws` makes on a 101 give errors without a code. */
function upgradeFailure(error: Error, where: string, handshake: Handshake): WsError {
  const coded = fromNodeError(error, where);
  if (coded.kind !== "unknown") return coded;
  const refused = handshake.protocols.length > 0 && error.message.includes("subprotocol");
  const message = `${where}: ${error.message}`;
  return refused ? subprotocolRefused(message, error) : handshakeInvalid(message, error);
}
