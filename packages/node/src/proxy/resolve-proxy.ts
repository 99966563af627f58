import { unescape } from "node:querystring";
import type { ConfigIssue } from "@oath-ws/contract";
import { handshakeOptionsInvalid } from "@oath-ws/resilience/leaf";
import { bareHost, isExempt } from "./no-proxy.js";

/** A proxy to ask for a tunnel. */
export interface ProxyAddress {
  /** Whether TLS is spoken with the proxy itself. */
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** `http://host:port`, to be shown. */
  readonly origin: string;
  /** The value of `Proxy-Authorization`; a secret. */
  readonly authorization: string | undefined;
}

/** The proxy for a URL that is about to be dialled; `undefined`: none. */
export type ProxySource = (url: URL) => ProxyAddress | undefined;

const MUST_BE =
  'must be "env", or an http: or https: URL of a proxy, with nothing behind host and port';

/**
 * Checks the option `proxy`. With `"env"` the environment is read at each dial; the source throws
 * `HANDSHAKE_OPTIONS_INVALID` for a variable that names no proxy.
 */
export function resolveProxy(option: unknown, issues: ConfigIssue[]): ProxySource | undefined {
  if (option === undefined) return undefined;
  if (option === "env") return (url) => fromEnvironment(url, process.env);
  const address = typeof option === "string" ? parse(option) : undefined;
  // Without the value: it may hold a password.
  if (address === undefined) issues.push({ path: "proxy", message: MUST_BE });
  return () => address;
}

/** Whether TLS is spoken with the URL's host. */
export function isTls({ protocol }: URL): boolean {
  return protocol === "wss:" || protocol === "https:";
}

/** The port that is dialled; a URL does not name that of its scheme. */
export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return isTls(url) ? 443 : 80;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Names are tried in lower case, then in upper case, as curl does. */
function fromEnvironment(url: URL, env: Environment): ProxyAddress | undefined {
  if (isExempt(read(env, "no_proxy")?.value ?? "", url.hostname, portOf(url))) return undefined;
  const given = read(env, isTls(url) ? "https_proxy" : "http_proxy") ?? read(env, "all_proxy");
  if (given === undefined) return undefined;
  const address = parse(given.value.includes("://") ? given.value : `http://${given.value}`);
  if (address !== undefined) return address;
  throw handshakeOptionsInvalid(
    `the environment variable ${given.name} names no http: or https: proxy`,
  );
}

function read(
  env: Environment,
  lower: string,
): { readonly name: string; readonly value: string } | undefined {
  for (const name of [lower, lower.toUpperCase()]) {
    const value = env[name];
    if (value !== undefined && value !== "") return { name, value };
  }
  return undefined;
}

function parse(text: string): ProxyAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, hostname, username, password } = url;
  if (protocol !== "https:" && protocol !== "http:") return undefined;
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return undefined;
  const port = portOf(url);
  const credentials = `${unescape(username)}:${unescape(password)}`;
  return {
    isSecure: isTls(url),
    host: bareHost(hostname),
    port,
    origin: `${protocol}//${hostname}:${port}`,
    authorization:
      credentials === ":" ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`,
  };
}
