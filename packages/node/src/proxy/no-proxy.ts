import { BlockList, isIP } from "node:net";

/**
 * Whether `NO_PROXY` takes the host out: a list with commas or spaces between of names (which mean
 * their subdomains too, with or without a dot or `*.` in front), addresses, networks such as
 * `10.0.0.0/8`, each perhaps with a port, or `*` for all.
 *
 * @param hostname as `URL.hostname` gives it
 */
export function isExempt(list: string, hostname: string, port: number): boolean {
  const host = bareHost(hostname.toLowerCase());
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== "" && matches(entry, host, port));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === "*") return true;
  const network = /^(.+)\/(\d{1,3})$/.exec(entry);
  if (network !== null) return isInNetwork(host, network[1] ?? "", Number(network[2]));
  const withPort = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry);
  if (withPort !== null && Number(withPort[2]) !== port) return false;
  const name = bareHost(withPort?.[1] ?? entry).replace(/^\*?\./, "");
  return host === name || (isIP(host) === 0 && name !== "" && host.endsWith(`.${name}`));
}

function isInNetwork(host: string, network: string, bits: number): boolean {
  const version = isIP(host);
  if (version === 0 || isIP(network) !== version || bits > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}

/** A host as a socket is told of it: an IPv6 address without the brackets that a URL has. */
export function bareHost(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
