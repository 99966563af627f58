import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WsConnector } from "@oath-ws/contract";
import { urlOrigin } from "@oath-ws/contract";
import { dialLost, leafConnector } from "@oath-ws/resilience/leaf";
import type { Dial } from "@oath-ws/resilience/leaf";
import { dialFailure } from "../errors/dial-failure.js";
import { handshakeFault } from "../errors/handshake-fault.js";
import { LeafConnection } from "../leaf/leaf-connection.js";
import { refusalError } from "../errors/refusal.js";
import { phaseListener, watchDial } from "../leaf/dial-phases.js";
import { established, planDial } from "../leaf/dialling.js";
import type { DialPlan } from "../leaf/dialling.js";
import type { DirectConnectorOptions } from "../options/ws-connector-options.js";
import { DirectSocket } from "./direct-socket.js";
import { FrameEncoder } from "./frame-encoder.js";
import { InflateBudget } from "./inflate-budget.js";
import { messageDeflate } from "./message-deflate.js";
import { resolveDirectOptions } from "./resolve-direct-options.js";
import type { ResolvedDirectOptions } from "./resolve-direct-options.js";
import type { UpgradeRequest } from "./upgrade-request.js";
import { upgradeRequest } from "./upgrade-request.js";
import { checkUpgrade } from "./upgrade-response.js";

/**
 * The leaf with an RFC 6455 codec of its own over Node's HTTP client: the same options, errors and
 * guarantees as `wsConnector`, at less processor time per frame. It opens one connection per call
 * and neither retries, nor times out, nor answers pings; `stack()` does those.
 *
 * What differs (ADR-0037): lengths must be in their shortest form; permessage-deflate is offered
 * without context takeover, and is done in the turn of the message; a small frame that is kept
 * keeps at most 16 KiB in use. A server that keeps its context all the same is understood, and
 * costs 32 KiB for each connection.
 *
 * Throws one `ConfigError` with every fault of the options, and `connect()` rejects as that of
 * `wsConnector` does.
 */
export function directConnector(options?: DirectConnectorOptions): WsConnector {
  const resolved = resolveDirectOptions(options);
  const encoder = new FrameEncoder(resolved.socket.generateMask);
  return leafConnector(handshakeFault, (attempt) => dial(resolved, encoder, attempt));
}

function dial(
  options: ResolvedDirectOptions,
  encoder: FrameEncoder,
  { handshake, events, signal, onPhase, resolve, reject }: Dial,
): void {
  const where = `cannot connect to ${urlOrigin(handshake.url)}`;
  const told = phaseListener(onPhase, options.timer);
  const asked = begin();
  if (asked === undefined) return;
  const { plan, request, accept } = asked;
  let settled = false;
  const settle = (): void => {
    settled = true;
    signal?.removeEventListener("abort", onAbort);
  };
  const fail = (reason: unknown): void => {
    // Giving up makes Node emit more.
    if (settled) return;
    settle();
    // A request whose head was answered no longer takes its socket along.
    request.socket?.destroy();
    request.destroy();
    plan.tunnel?.destroy();
    reject(reason);
  };
  const onAbort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  watchDial(request, told);
  request.on("upgrade", (response: IncomingMessage, stream: Duplex, head: Buffer) => {
    settle();
    told?.("upgrade");
    try {
      const { headers } = response;
      const upgraded = checkUpgrade(headers, expected(accept), where);
      const facts = established(stream, headers, plan, options.socket.agent);
      const socket = directSocket(options, encoder, upgraded, stream, head);
      resolve(new LeafConnection(socket, stream, facts, events, options).open());
    } catch (error) {
      stream.on("error", ignore);
      stream.destroy();
      reject(error);
    }
  });
  request.on("response", (response) => {
    // Cut off half way, which it is about to be, it may have an error to tell.
    response.on("error", ignore);
    fail(refusalError(response, where, options.timer.wallNow()));
  });
  request.on("error", (error) => fail(dialFailure(error, where)));
  request.on("close", () => {
    fail(dialLost(where));
  });
  request.end();

  function begin(): (UpgradeRequest & { readonly plan: DialPlan }) | undefined {
    try {
      const how = planDial(options, handshake.url, told);
      return { plan: how, ...upgradeRequest(options, handshake, how, options.deflate) };
    } catch (error) {
      reject(dialFailure(error, where));
      return undefined;
    }
  }

  function expected(accepted: string): Parameters<typeof checkUpgrade>[1] {
    return { accept: accepted, protocols: handshake.protocols, deflate: options.deflate };
  }
}

function directSocket(
  options: ResolvedDirectOptions,
  encoder: FrameEncoder,
  { protocol, deflate }: ReturnType<typeof checkUpgrade>,
  stream: Duplex,
  head: Buffer,
): DirectSocket {
  const { maxMessageBytes, socket } = options;
  tune(stream);
  // What came in one packet with the 101. It is read with the rest, when this turn is over.
  if (head.length > 0) stream.unshift(head);
  return new DirectSocket({
    stream,
    protocol,
    encoder,
    maxMessageBytes,
    validateUtf8: socket.skipUTF8Validation !== true,
    deflate: deflate && messageDeflate(deflate, options.deflate ?? {}, maxMessageBytes),
    budget: InflateBudget.of(options.timer),
  });
}

/**
 * A stream of the caller's own need not be a socket. An agent may have given its sockets a timeout,
 * which is for HTTP.
 */
function tune(stream: Duplex): void {
  const socket = stream as Partial<{ setTimeout(ms: number): void; setNoDelay(): void }>;
  socket.setTimeout?.(0);
  socket.setNoDelay?.();
}

function ignore(): void {}
