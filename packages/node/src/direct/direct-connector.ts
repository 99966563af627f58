import type { Duplex } from "node:stream";
import type { WsConnector, WsError } from "@oath-ws/contract";
import { handshakeInvalid, leafConnector } from "@oath-ws/resilience/leaf";
import type { Dial } from "@oath-ws/resilience/leaf";
import { dialFailure } from "../errors/dial-failure.js";
import { handshakeFault } from "../errors/handshake-fault.js";
import { LeafConnection } from "../leaf/leaf-connection.js";
import { refusalError } from "../errors/refusal.js";
import { phaseListener } from "../leaf/dial-phases.js";
import { established, planDial } from "../leaf/dialling.js";
import type { DirectConnectorOptions } from "../options/ws-connector-options.js";
import { AnswerFault } from "./answer-reader.js";
import { clientUpgrade, needsClient } from "./client-upgrade.js";
import { DirectSocket } from "./direct-socket.js";
import { FrameEncoder } from "./frame-encoder.js";
import { InflateBudget } from "./inflate-budget.js";
import { messageDeflate } from "./message-deflate.js";
import { ownUpgrade } from "./own-upgrade.js";
import { resolveDirectOptions } from "./resolve-direct-options.js";
import type { ResolvedDirectOptions } from "./resolve-direct-options.js";
import { upgradeRequest } from "./upgrade-request.js";
import { checkUpgrade } from "./upgrade-response.js";

/**
 * The leaf with an RFC 6455 codec and an HTTP/1.1 upgrade of its own (ADR-0063) over `node:net` and
 * `node:tls`: the same options, errors and guarantees as `wsConnector`, at less processor time per
 * frame and per dial. With `socket.agent` or `socket.insecureHTTPParser` the upgrade goes through
 * Node's HTTP client, which these options are for. It opens one connection per call and neither
 * retries, nor times out, nor answers pings; `stack()` does those.
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
  const url = new URL(handshake.url);
  const where = `cannot connect to ${url.protocol}//${url.host}`;
  const told = phaseListener(onPhase, options.timer);
  let giveUp: (() => void) | undefined;
  let settled = false;
  const settle = (): void => {
    settled = true;
    signal?.removeEventListener("abort", onAbort);
  };
  const fail = (reason: unknown): void => {
    // Giving up makes Node emit more.
    if (settled) return;
    settle();
    giveUp?.();
    reject(reason);
  };
  const onAbort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    const plan = planDial(options, url);
    const request = upgradeRequest(options, handshake, url);
    const { accept } = request;
    const { protocols } = handshake;
    const ask = needsClient(options.socket) ? clientUpgrade : ownUpgrade;
    giveUp = ask(options, plan, request, told, {
      switched(headers, stream, early) {
        settle();
        told?.("upgrade");
        try {
          const { deflate } = options;
          const upgraded = checkUpgrade(headers, { accept, protocols, deflate }, where);
          const facts = established(stream, headers, plan, options.socket.agent);
          const socket = directSocket(options, encoder, upgraded, stream, early);
          const connection = new LeafConnection(socket, stream, facts, events, options);
          resolve(connection.open());
        } catch (error) {
          stream.on("error", ignore);
          stream.destroy();
          reject(error);
        }
      },
      refused: (response) => fail(refusalError(response, where, options.timer.wallNow())),
      failed: (error) => fail(upgradeFailure(error, where)),
    });
    // It failed within the call.
    if (settled) giveUp();
  } catch (error) {
    fail(dialFailure(error, where));
  }
}

function upgradeFailure(error: unknown, where: string): WsError {
  return error instanceof AnswerFault
    ? handshakeInvalid(`${where}: ${error.message}`, error)
    : dialFailure(error, where);
}

function directSocket(
  options: ResolvedDirectOptions,
  encoder: FrameEncoder,
  { protocol, deflate }: ReturnType<typeof checkUpgrade>,
  stream: Duplex,
  early: Buffer,
): DirectSocket {
  const { maxMessageBytes, socket } = options;
  tune(stream);
  if (early.length > 0) {
    // What came in one packet with the 101 is read with the rest, when this turn is over.
    stream.pause();
    stream.unshift(early);
    stream.resume();
  }
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
