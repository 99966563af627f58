import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { MetricsAddress } from "./metrics-address.js";

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403 | 404 | 405;
  readonly text: string;
}

/** Decides which requests get the metrics. */
export interface MetricsGuard {
  readonly address: MetricsAddress;
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
  if (headers.origin !== undefined || (address.isLoopback && !isOurs(headers.host, port)))
    return { status: 403, text: "foreign Host or Origin\n" };
  if (token !== undefined && !isSame(headers.authorization ?? "", `Bearer ${token}`))
    return { status: 401, text: "a token is needed\n" };
  if (method !== "GET") return { status: 405, text: "GET only\n" };
  if (url?.split("?")[0] !== "/metrics") return { status: 404, text: "metrics are at /metrics\n" };
  return undefined;
}

function isOurs(host: string | undefined, port: number): boolean {
  const found = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})(?::(\d+))?$/i.exec(host ?? "");
  return found !== null && Number(found[1] ?? 80) === port;
}

/** Compares without telling by its time where the first difference is. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
