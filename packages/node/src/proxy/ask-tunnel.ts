import { request as httpRequest } from "node:http";
import type { ClientRequest, RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { WsError } from "@oath-ws/contract";
import { fromNodeError } from "../errors/from-node-error.js";
import { watchDial } from "../leaf/dial-phases.js";
import type { PhaseListener } from "../leaf/dial-phases.js";
import type { ProxyAddress } from "./resolve-proxy.js";

/** Options of `net.connect` that are meant for the way to the proxy too. */
const DIAL_KEYS = [
  "autoSelectFamily",
  "autoSelectFamilyAttemptTimeout",
  "family",
  "hints",
  "keepAlive",
  "keepAliveInitialDelay",
  "localAddress",
  "localPort",
  "lookup",
] as const;

/** Gets the tunnel, or why there is none; once. */
export type TunnelSettled = (error: Error | undefined, socket?: Socket) => void;

/**
 * Asks a proxy for a tunnel to the target with CONNECT (RFC 9110 section 9.3.6). What the proxy
 * does wrong is an error of kind `proxy`.
 *
 * @param target where to, and how to dial
 * @returns the question; destroying it gives up, and `settle` is then told as of a proxy that ended
 *   the connection
 */
export function askTunnel(
  proxy: ProxyAddress,
  target: Pick<RequestOptions, "host" | "port">,
  told: PhaseListener | undefined,
  settle: TunnelSettled,
): ClientRequest {
  const { host, port, isSecure, authorization } = proxy;
  const named = target.host?.includes(":") === true ? `[${target.host}]` : target.host;
  const authority = `${named}:${target.port}`;
  const asking = (isSecure ? httpsRequest : httpRequest)({
    ...Object.fromEntries(
      DIAL_KEYS.flatMap((key) => {
        const value = (target as Readonly<Record<string, unknown>>)[key];
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    // Said in so many words, as for the target.
    ...(isSecure ? { rejectUnauthorized: true, minVersion: "TLSv1.2" } : {}),
    agent: false,
    host,
    port,
    method: "CONNECT",
    path: authority,
    headers: {
      Host: authority,
      ...(authorization === undefined ? {} : { "Proxy-Authorization": authorization }),
    },
  } as RequestOptions);
  let settled = false;
  const once: TunnelSettled = (error, socket) => {
    if (settled) return;
    settled = true;
    settle(error, socket);
  };
  watchDial(asking, told && ((phase) => phase === "tls" || told(phase)));
  asking.once("connect", (response, socket: Socket, head) => {
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      if (head.length > 0) socket.unshift(head);
      return once(undefined, socket);
    }
    socket.on("error", ignore);
    socket.destroy();
    once(refused(proxy, status));
  });
  asking.on("error", (cause) => once(unreachable(proxy, cause)));
  asking.on("close", () => once(unreachable(proxy, undefined)));
  asking.end();
  return asking;
}

function refused({ origin }: ProxyAddress, status: number): WsError {
  const hint = status === 407 ? "; give it the credentials that it asks for" : "";
  return new WsError({
    kind: "proxy",
    code: "PROXY_REFUSED",
    message: `the proxy ${origin} refused the tunnel with status ${status}${hint}`,
    status,
  });
}

function unreachable({ origin }: ProxyAddress, cause: Error | undefined): WsError {
  const message = `the proxy ${origin} could not be reached, or ended the connection`;
  return new WsError({
    kind: "proxy",
    code: "PROXY_UNREACHABLE",
    message,
    ...(cause === undefined ? {} : { cause: fromNodeError(cause, "asking for a tunnel failed") }),
  });
}

function ignore(): void {}
