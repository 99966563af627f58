import { ConfigError } from "@oath-ws/contract";
import type { ConfigIssue, NewId, Random, Timer } from "@oath-ws/contract";
import { checkKeys, collectIssues } from "@oath-ws/resilience";
import { build } from "../build.js";
import type { BuildOptions } from "../build.js";
import { announceReader } from "./diagnostics.js";
import { nodeNewId, nodeRandom, nodeTimer } from "./node-runtime.js";
import { RENAMED } from "../options/build-parts.js";
import { isObject } from "../options/option-checks.js";
import { resolveTls } from "../options/resolve-tls.js";
import { resolveProxy } from "../proxy/resolve-proxy.js";
import { isFingerprint, PinnedAgent } from "../rest/pinned-agent.js";
import { strictFetch } from "../rest/strict-fetch.js";
import type { StrictFetch } from "../rest/strict-fetch.js";
import type { WsConnectorOptions, WsTlsOptions } from "../options/ws-connector-options.js";

/** The shape of {@link nodeRuntime}. */
export interface NodeRuntime {
  /** Makes connectors, with settings of the caller's choice. */
  readonly build: typeof build;
  readonly timer: Timer;
  readonly random: Random;
  /** 128 bits of `node:crypto`, for the client ids of orders. */
  readonly newId: NewId;
  /** One HTTP request as strictly as a socket is opened; see {@link StrictFetch}. */
  readonly fetch: StrictFetch;
  /** Announces an adapter's reader on `READER_CHANNEL`. */
  readonly observe: typeof announceReader;
}

/** Options of {@link nodeRuntimeWith}; every field is optional. */
export interface NodeRuntimeOptions {
  /** What speaks WebSocket; see `BuildOptions`. */
  readonly transport?: BuildOptions["transport"];
  /**
   * TLS options for WebSocket and REST alike: `ca`, `servername`, a client certificate. The
   * verification cannot be turned off.
   */
  readonly tls?: WsConnectorOptions["tls"];
  /**
   * SHA-256 of the one certificate that is trusted, as `openssl x509 -noout -fingerprint -sha256`
   * prints it: for a server whose certificate no authority has issued. Its names do not matter, and
   * no other server is told anything. Goes with neither `tls.ca` nor `tls.servername`.
   */
  readonly fingerprint256?: string | undefined;
  /**
   * The proxy to go through, for WebSocket and REST alike; see `BuildOptions`. Default none,
   * whatever the environment says.
   */
  readonly proxy?: WsConnectorOptions["proxy"];
}

/**
 * What venue adapters need of the platform: connections, clocks, jitter and HTTP. An adapter takes
 * it whole, or parts replaced.
 */
export const nodeRuntime: NodeRuntime = {
  build,
  timer: nodeTimer,
  random: nodeRandom,
  newId: nodeNewId,
  fetch: strictFetch({ tlsOptions: resolveTls(undefined, []), proxyFor: undefined }),
  observe: announceReader,
};

/**
 * {@link nodeRuntime} that goes through a proxy, or trusts other servers than those that a public
 * authority vouches for: for WebSocket and REST alike. Any other server is told nothing, and the
 * attempt fails with the reason.
 *
 * ```ts
 * const runtime = nodeRuntimeWith({ fingerprint256: "5F:01:..." });
 * ```
 *
 * @throws ConfigError listing everything that is wrong
 */
export function nodeRuntimeWith(options: NodeRuntimeOptions): NodeRuntime {
  const issues = optionIssues(options);
  const { transport, tls, fingerprint256, proxy } = options ?? {};
  // Says what is wrong with the transport, the TLS options and the proxy; nothing is dialled.
  collectIssues(issues, () => build({ transport, tls, proxy }));
  if (issues.length > 0) throw new ConfigError(issues);
  const dialling = { tlsOptions: resolveTls(tls, []), proxyFor: resolveProxy(proxy, []) };
  if (fingerprint256 === undefined) {
    return {
      ...nodeRuntime,
      build: (given) => build({ transport, tls, proxy, ...given }),
      fetch: strictFetch(dialling),
    };
  }
  // It goes through the proxy by itself.
  const agent = new PinnedAgent(fingerprint256, dialling.proxyFor);
  return {
    ...nodeRuntime,
    build: (given) => build({ transport, tls, ...given, socket: { ...given?.socket, agent } }),
    fetch: strictFetch(dialling, agent),
  };
}

const KEYS: Readonly<Record<keyof NodeRuntimeOptions, true>> = {
  transport: true,
  tls: true,
  fingerprint256: true,
  proxy: true,
};

function optionIssues(options: NodeRuntimeOptions): ConfigIssue[] {
  if (!isObject(options)) return [{ path: "options", message: "must be an object" }];
  const issues: ConfigIssue[] = [];
  checkKeys(options, "", KEYS, RENAMED, issues);
  const { tls, fingerprint256 } = options;
  const isPinned = fingerprint256 !== undefined;
  if (isPinned && !isFingerprint(fingerprint256)) {
    issues.push({ path: "fingerprint256", message: "must be 64 hexadecimal digits" });
  }
  if (typeof tls === "object" && tls !== null) issues.push(...tlsIssues(tls, isPinned));
  return issues;
}

function tlsIssues(
  { ca, servername, rejectUnauthorized }: WsTlsOptions,
  isPinned: boolean,
): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  if (rejectUnauthorized === false) {
    const message = "must be true: give ca or fingerprint256 to trust a certain server";
    issues.push({ path: "tls.rejectUnauthorized", message });
  }
  for (const [key, value] of [
    ["ca", ca],
    ["servername", servername],
  ] as const) {
    if (!isPinned || value === undefined) continue;
    const message = "does not go with fingerprint256: a pinned certificate is known by itself";
    issues.push({ path: `tls.${key}`, message });
  }
  if (ca !== undefined && !holdsCertificates(ca)) {
    issues.push({ path: "tls.ca", message: "holds no certificate in PEM" });
  }
  return issues;
}

/** Node takes a `ca` without any certificate in it, and then trusts no server. */
function holdsCertificates(ca: NonNullable<WsTlsOptions["ca"]>): boolean {
  const all = Array.isArray(ca) ? ca : [ca];
  return (
    all.length > 0 && all.every((one) => /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/.test(String(one)))
  );
}
