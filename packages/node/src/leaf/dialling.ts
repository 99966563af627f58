import type { Agent } from "node:http";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { TlsInfo } from "@oath-ws/contract";
import type { TlsDialOptions } from "../options/resolve-tls.js";
import type { ResolvedOptions } from "../options/resolve-options.js";
import { bareHost } from "../proxy/no-proxy.js";
import { isTls, portOf } from "../proxy/resolve-proxy.js";
import type { ProxyAddress } from "../proxy/resolve-proxy.js";
import { TunnelAgent } from "../proxy/tunnel-agent.js";
import type { PhaseListener } from "./dial-phases.js";
import { isVerifying } from "./verifying-agents.js";

/** What a dial has found out about its connection. */
export interface Established {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsInfo | undefined;
}

/** How one attempt is made. */
export interface DialPlan {
  /** The URL's host, which a certificate must be for; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** `undefined` for `ws:` and `http:`. */
  readonly tls: TlsDialOptions | undefined;
  /** To be asked for a tunnel, if at all. */
  readonly proxy: ProxyAddress | undefined;
}

/**
 * Decides how a URL is dialled now. Throws a `WsError` when the caller's function for `tls`, or the
 * environment's proxy, cannot be used.
 */
export function planDial(
  options: Pick<ResolvedOptions, "tlsOptions" | "proxyFor">,
  url: URL,
): DialPlan {
  const host = bareHost(url.hostname);
  const isSecure = isTls(url);
  return {
    host,
    port: portOf(url),
    tls: isSecure ? options.tlsOptions(host) : undefined,
    proxy: options.proxyFor?.(url),
  };
}

/**
 * The agent with which Node's HTTP client goes through the plan's proxy. It goes before the
 * caller's own. To be destroyed when the attempt fails.
 */
export function tunnelAgent(
  { proxy, tls }: DialPlan,
  told: PhaseListener | undefined,
): TunnelAgent | undefined {
  return proxy && new TunnelAgent(proxy, tls !== undefined, told);
}

/** What is known of the connection that an attempt gave. */
export function established(
  stream: Duplex,
  headers: Readonly<Record<string, string>>,
  { tls }: DialPlan,
  agent: Agent | undefined,
): Established {
  if (!(stream instanceof TLSSocket)) return { headers, tls: undefined };
  const isVerified =
    isVerifying(agent) || (stream.authorized && tls?.rejectUnauthorized !== false && !isLax(agent));
  return {
    headers,
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
