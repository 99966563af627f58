import { isIPv4 } from "node:net";
import { UsageError } from "../usage-error.js";

/** Where this process serves something. */
export interface ListenAddress {
  /** An address or a name, without brackets. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Whether only programs on this machine can reach it. */
  readonly isLoopback: boolean;
}

/**
 * Reads `127.0.0.1:9464`, `[::1]:9464` or `localhost:9464`.
 *
 * @param option named in the message of the UsageError that anything else throws
 */
export function parseListenAddress(text: string, option: string): ListenAddress {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(text);
  const [, ipv6, name, digits] = found ?? [];
  const host = ipv6 ?? name;
  const port = Number(digits);
  if (host === undefined || port > 65_535)
    throw new UsageError(`${option} takes HOST:PORT, such as 127.0.0.1:9464`);
  return { host, port, isLoopback: isLoopback(host.toLowerCase()) };
}

/** The address as it stands in a URL. */
export function urlAuthority(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}
