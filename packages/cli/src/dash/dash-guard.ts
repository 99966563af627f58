import type { IncomingMessage } from "node:http";
import type { ListenAddress } from "../local/listen-address.js";
import { isLoopbackHost } from "../local/request-checks.js";

/** Where the dashboard is served, for {@link isForeign}. */
export interface DashPlace {
  readonly address: ListenAddress;
  /** The port that is listened on. */
  readonly port: number;
}

/**
 * Whether a request comes from a page that is not ours: another `Host` than ours (DNS rebinding),
 * or an `Origin` other than that host. Off loopback the names of the machine are not known here;
 * there the token decides who reads.
 */
export function isForeign(
  { headers }: Pick<IncomingMessage, "headers">,
  { address, port }: DashPlace,
): boolean {
  const { host, origin } = headers;
  if (host === undefined || (address.isLoopback && !isLoopbackHost(host, port))) return true;
  return origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`;
}
