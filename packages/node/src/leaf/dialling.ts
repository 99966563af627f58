import type { Agent, IncomingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { TlsInfo } from "@oath-ws/contract";
import { flatHeaders } from "../errors/flat-headers.js";
import type { TlsDialOptions } from "../options/resolve-tls.js";
import type { ResolvedOptions } from "../options/resolve-options.js";
import { bareHost } from "../proxy/no-proxy.js";
import { isTls } from "../proxy/resolve-proxy.js";
import { TunnelAgent } from "../proxy/tunnel-agent.js";
import { PinnedAgent } from "../rest/pinned-agent.js";
import type { PhaseListener } from "./dial-phases.js";

/** What a dial has found out about its connection. */
export interface Established {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsInfo | undefined;
}

/** How one attempt is made. */
export interface DialPlan {
  /** The URL's host, which a certificate must be for; an IPv6 address without brackets. */
  readonly host: string;
  /** `undefined` for `ws:` and `http:`. */
  readonly tls: TlsDialOptions | undefined;
  /** Goes before the caller's own agent. To be destroyed when the attempt fails. */
  readonly tunnel: TunnelAgent | undefined;
}

/**
 * Decides how a URL is dialled now. Throws a `WsError` when the caller's function for `tls`, or the
 * environment's proxy, cannot be used.
 */
export function planDial(
  options: Pick<ResolvedOptions, "tlsOptions" | "proxyFor">,
  address: string,
  told: PhaseListener | undefined,
): DialPlan {
  const url = new URL(address);
  const host = bareHost(url.hostname);
  const isSecure = isTls(url);
  const proxy = options.proxyFor?.(url);
  return {
    host,
    tls: isSecure ? options.tlsOptions(host) : undefined,
    tunnel: proxy && new TunnelAgent(proxy, isSecure, told),
  };
}

/** What is known of the connection that an attempt gave. */
export function established(
  stream: Duplex,
  headers: IncomingHttpHeaders,
  { tls }: DialPlan,
  agent: Agent | undefined,
): Established {
  const flat = flatHeaders(headers);
  if (!(stream instanceof TLSSocket)) return { headers: flat, tls: undefined };
  const isVerified =
    agent instanceof PinnedAgent ||
    (stream.authorized && tls?.rejectUnauthorized !== false && !isLax(agent));
  return {
    headers: flat,
    tls: {
      protocol: stream.getProtocol() ?? undefined,
      verification: isVerified ? "on" : "off",
    },
  };
}

/** An agent's own options go before ours. */
function isLax(agent: Agent | undefined): boolean {
  const { options } = (agent ?? {}) as { options?: { readonly rejectUnauthorized?: unknown } };
  return options?.rejectUnauthorized === false;
}
