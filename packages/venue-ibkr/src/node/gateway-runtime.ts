import { Agent } from "node:https";
import { createSecureContext } from "node:tls";
import type { ConfigIssue, Random, ReconnectingConnector, Timer } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import { unknownKeyIssues } from "@oath-ws/venue-kit";
import type { ConnectorSettings } from "@oath-ws/venue-kit";
import type { FetchLike } from "../rest/fetch-like.js";
import { httpsFetch } from "./https-fetch.js";
import { isFingerprint, PinnedAgent } from "./pinned-agent.js";

/**
 * Whom to trust, for a gateway whose certificate no public authority has issued. There is no way to trust anybody.
 *
 * - `ca`: certificates (PEM) that may have issued it, or the self-signed one itself. Its names must fit the address, or `servername` where given
 * - `fingerprint256`: SHA-256 of the one certificate, as `openssl x509 -noout -fingerprint -sha256` prints it. Its names do not matter
 */
export type GatewayTrust =
  | { readonly ca: string | readonly string[]; readonly servername?: string | undefined; readonly fingerprint256?: undefined }
  | { readonly fingerprint256: string; readonly ca?: undefined; readonly servername?: undefined };

/** The part of `nodeRuntime` of `oath-ws` that is built upon. */
export interface PlatformRuntime {
  build(
    settings: ConnectorSettings & {
      readonly tls?: { readonly ca?: string | string[]; readonly servername?: string };
      readonly ws?: { readonly skipUTF8Validation?: boolean | undefined; readonly agent?: Agent } | undefined;
    },
  ): ReconnectingConnector;
  readonly timer: Timer;
  readonly random: Random;
}

/** A runtime for `SessionKeeper` and `IbkrClient` alike. */
export interface GatewayRuntime {
  build(settings: ConnectorSettings): ReconnectingConnector;
  readonly timer: Timer;
  readonly random: Random;
  readonly fetch: FetchLike;
}

/**
 * The platform, trusting one gateway: for its WebSocket and its REST API. Everybody else is refused before anything is said to him, and the attempt
 * fails with the reason.
 *
 * ```ts
 * const runtime = gatewayRuntime(nodeRuntime, { fingerprint256: "5F:01:..." });
 * ```
 *
 * @throws ConfigError listing everything that is wrong
 */
export function gatewayRuntime(platform: PlatformRuntime, trust: GatewayTrust): GatewayRuntime {
  const issues = trustIssues(trust);
  if (issues.length > 0) throw new ConfigError(issues);
  const { timer, random } = platform;
  if (trust.fingerprint256 !== undefined) {
    const agent = new PinnedAgent(trust.fingerprint256, { minVersion: "TLSv1.2", keepAlive: false });
    return {
      timer,
      random,
      build: (settings) => platform.build({ ...settings, ws: { ...settings.ws, agent } }),
      fetch: httpsFetch(() => ({ agent })),
    };
  }
  const ca = Array.isArray(trust.ca) ? [...(trust.ca as readonly string[])] : (trust.ca as string);
  const tls = trust.servername === undefined ? { ca } : { ca, servername: trust.servername };
  // A connection for each request: the gateway is asked once a minute, and drops what is idle.
  const agent = new Agent({ keepAlive: false });
  return {
    timer,
    random,
    build: (settings) => platform.build({ ...settings, tls }),
    fetch: httpsFetch(() => ({ ...tls, agent })),
  };
}

function trustIssues(trust: GatewayTrust): ConfigIssue[] {
  if (typeof trust !== "object" || trust === null) return [{ path: "trust", message: "must be an object" }];
  const issues = unknownKeyIssues(trust, { ca: true, servername: true, fingerprint256: true });
  const { ca, fingerprint256 } = trust;
  if ((ca === undefined) === (fingerprint256 === undefined)) {
    issues.push({ path: "trust", message: "must have either ca or fingerprint256" });
  } else if (fingerprint256 !== undefined) {
    if (!isFingerprint(fingerprint256)) issues.push({ path: "fingerprint256", message: "must be 64 hexadecimal digits" });
    if ("servername" in trust && trust.servername !== undefined) {
      issues.push({ path: "servername", message: "goes with ca: a pinned certificate is known by itself" });
    }
  } else if (!isCertificate(ca)) {
    issues.push({ path: "ca", message: "holds no certificate in PEM" });
  }
  return issues;
}

/** Node takes a `ca` without any certificate in it, and then trusts nobody. */
function isCertificate(ca: unknown): boolean {
  const all = Array.isArray(ca) ? ca : [ca];
  if (all.length === 0 || !all.every((one) => typeof one === "string" && one.includes("-----BEGIN CERTIFICATE-----")))
    return false;
  try {
    createSecureContext({ ca: all as string[] });
    return true;
  } catch {
    return false;
  }
}
