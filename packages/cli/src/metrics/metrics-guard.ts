import type { IncomingMessage } from "node:http";
import type { ListenAddress } from "../local/listen-address.js";
import { isLoopbackHost, isSameSecret } from "../local/request-checks.js";

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403 | 404 | 405;
  readonly text: string;
}

/** Decides which requests get the metrics. */
export interface MetricsGuard {
  readonly address: ListenAddress;
  /** The port that is listened on. */
  readonly port: number;
  /** Asked for as `Authorization: Bearer TOKEN`. Without one nothing is asked for. */
  readonly token: string | undefined;
}

/**
 * Refuses what a foreign page in a browser of this machine could send: another `Host` than ours
 * (DNS rebinding), and any `Origin`, since programs that scrape send none. Off loopback the token
 * decides, because the names of the machine are not known here.
 */
export function refusalOf(
  { method, url, headers }: Pick<IncomingMessage, "method" | "url" | "headers">,
  { address, port, token }: MetricsGuard,
): Refusal | undefined {
  if (headers.origin !== undefined || (address.isLoopback && !isLoopbackHost(headers.host, port)))
    return { status: 403, text: "foreign Host or Origin\n" };
  if (token !== undefined && !isSameSecret(headers.authorization ?? "", `Bearer ${token}`))
    return { status: 401, text: "a token is needed\n" };
  if (method !== "GET") return { status: 405, text: "GET only\n" };
  if (url?.split("?")[0] !== "/metrics") return { status: 404, text: "metrics are at /metrics\n" };
  return undefined;
}
