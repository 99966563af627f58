import type { ClientRequest } from "node:http";
import type { ConfigIssue, Handshake, WsConnector, WsError } from "@oath-ws/contract";
import { ConfigError, urlOrigin } from "@oath-ws/contract";
import {
  dialLost,
  handshakeInvalid,
  leafConnector,
  subprotocolRefused,
} from "@oath-ws/resilience/leaf";
import type { Dial } from "@oath-ws/resilience/leaf";
import type { ClientOptions, PerMessageDeflateOptions, WebSocket } from "ws";
import { dialFailure } from "../errors/dial-failure.js";
import { fromNodeError } from "../errors/from-node-error.js";
import { extensionInvalid } from "../errors/extension-invalid.js";
import { handshakeFault } from "../errors/handshake-fault.js";
import { LeafConnection } from "../leaf/leaf-connection.js";
import { phaseListener, watchDial } from "../leaf/dial-phases.js";
import type { PhaseListener } from "../leaf/dial-phases.js";
import { established, planDial, tunnelAgent } from "../leaf/dialling.js";
import type { DialPlan } from "../leaf/dialling.js";
import { flatHeaders } from "../errors/flat-headers.js";
import type { TunnelAgent } from "../proxy/tunnel-agent.js";
import { refusalError } from "../errors/refusal.js";
import { resolveOptions } from "../options/resolve-options.js";
import type { ResolvedOptions } from "../options/resolve-options.js";
import type { WsConnectorOptions } from "../options/ws-connector-options.js";
import { inflateWhole } from "./ws-internals.js";
import { WsSocket } from "./ws-socket.js";

/** Parts that an unfinished message may be in. */
const MAX_PARTS = 1_000_000;

/** The longest that Node's timers can count. */
const NEVER_MS = 2 ** 31 - 1;

const NOT_ON_BUN: ConfigIssue = {
  path: "transport",
  message:
    'cannot be "ws" on Bun, which puts a WebSocket of its own in its place; use "direct", ' +
    "the default, or directConnector()",
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
  const resolved = resolveOptions(options, "ws");
  // An import of `ws` there gives a class of Bun's own, without the socket that this leaf listens
  // to.
  if (process.versions["bun"] !== undefined) throw new ConfigError([NOT_ON_BUN]);
  return leafConnector(handshakeFault, (attempt) => {
    if (loaded !== undefined) return dial(loaded, resolved, attempt);
    import("ws").then(
      (module) => {
        loaded = module.WebSocket;
        if (attempt.signal?.aborted === true) attempt.reject(attempt.signal.reason);
        else dial(loaded, resolved, attempt);
      },
      (error: unknown) => attempt.reject(error),
    );
  });
}

type Client = typeof WebSocket;

/** The package is loaded with the first connection that is made with it. */
let loaded: Client | undefined;

function dial(
  Client: Client,
  options: ResolvedOptions,
  { handshake, events, signal, onPhase, resolve, reject }: Dial,
): void {
  const where = `cannot connect to ${urlOrigin(handshake.url)}`;
  const told = phaseListener(onPhase, options.timer);
  let plan: DialPlan;
  let tunnel: TunnelAgent | undefined;
  let ws: WebSocket;
  try {
    plan = planDial(options, new URL(handshake.url));
    tunnel = tunnelAgent(plan, told);
    ws = new Client(
      handshake.url,
      [...handshake.protocols],
      clientOptions(options, handshake, { ...plan, tunnel }, told),
    );
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
    tunnel?.destroy();
    reject(reason);
  };
  const onAbort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  let upgraded = false;
  ws.on("upgrade", (response) => {
    // Faults from here on are faults of the handshake. The response also brings the raw socket.
    upgraded = true;
    told?.("upgrade");
    ws.on("open", () => {
      signal?.removeEventListener("abort", onAbort);
      ws.removeAllListeners();
      const { perMessageDeflate } = options.socket;
      inflateWhole(
        ws,
        typeof perMessageDeflate === "object" ? perMessageDeflate : {},
        options.maxMessageBytes,
      );
      // Wired up in this very turn: what came in one packet with the 101 is parsed as soon as it is
      // over.
      const { socket: stream, headers } = response;
      const facts = established(stream, flatHeaders(headers), plan, options.socket.agent);
      const socket = new WsSocket(ws, stream);
      resolve(new LeafConnection(socket, stream, facts, events, options).open());
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

function clientOptions(
  options: ResolvedOptions,
  handshake: Handshake,
  { tls, tunnel }: Pick<DialPlan, "tls"> & { readonly tunnel: TunnelAgent | undefined },
  told: PhaseListener | undefined,
): ClientOptions {
  const merged = {
    ...options.socket,
    perMessageDeflate: deflateOf(options),
    ...(tunnel === undefined ? {} : { agent: tunnel }),
    ...tls,
    headers: { ...handshake.headers },
    allowSynchronousEvents: true,
    autoPong: false,
    closeTimeout: NEVER_MS,
    finishRequest: (request: ClientRequest) => {
      watchDial(request, told);
      request.end();
    },
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

function deflateOf({ socket, ws }: ResolvedOptions): ClientOptions["perMessageDeflate"] {
  const { perMessageDeflate = false } = socket;
  if (perMessageDeflate === false || ws.concurrencyLimit === undefined)
    return perMessageDeflate as ClientOptions["perMessageDeflate"];
  return {
    ...(perMessageDeflate === true ? {} : perMessageDeflate),
    ...ws,
  } as PerMessageDeflateOptions;
}

/** The checks that `ws` makes on a 101 give errors without a code. */
function upgradeFailure(error: Error, where: string, handshake: Handshake): WsError {
  const coded = fromNodeError(error, where);
  if (coded.kind !== "unknown") return coded;
  if (/extension/i.test(error.message)) return extensionInvalid(where, error.message, error);
  const refused = handshake.protocols.length > 0 && error.message.includes("subprotocol");
  const message = `${where}: ${error.message}`;
  return refused ? subprotocolRefused(message, error) : handshakeInvalid(message, error);
}
