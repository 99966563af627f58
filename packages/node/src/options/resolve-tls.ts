import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import { WsError } from "@oath-ws/contract";
import type { ConfigIssue } from "@oath-ws/contract";
import { checkGroup } from "./option-checks.js";
import type { WsConnectorOptions, WsTlsOptions } from "./ws-connector-options.js";

/** What `tls.connect` is told for one connection. */
export interface TlsDialOptions extends Readonly<Record<string, unknown>> {
  /** The certificate must be for this name; empty for an address, which has none (RFC 6066). */
  readonly servername: string;
  readonly rejectUnauthorized: boolean;
}

/**
 * Gives the options for a dial to this host, the URL's. Throws `TLS_OPTIONS_INVALID` when the
 * caller's function gives nothing usable.
 */
export type TlsOptionsSource = (host: string) => TlsDialOptions;

/** Every TLS option that is passed on. */
export const TLS_KEYS: Record<keyof WsTlsOptions, true> = {
  allowPartialTrustChain: true,
  ALPNProtocols: true,
  ca: true,
  cert: true,
  checkServerIdentity: true,
  ciphers: true,
  crl: true,
  dhparam: true,
  ecdhCurve: true,
  enableTrace: true,
  honorCipherOrder: true,
  key: true,
  maxVersion: true,
  minDHSize: true,
  minVersion: true,
  passphrase: true,
  pfx: true,
  privateKeyEngine: true,
  privateKeyIdentifier: true,
  pskCallback: true,
  rejectUnauthorized: true,
  secureContext: true,
  secureOptions: true,
  servername: true,
  session: true,
  sessionIdContext: true,
  sessionTimeout: true,
  sigalgs: true,
};

/** What goes into a TLS context, and is not looked at when there is one. */
const CONTEXT_KEYS = [
  "allowPartialTrustChain",
  "ca",
  "cert",
  "ciphers",
  "crl",
  "dhparam",
  "ecdhCurve",
  "honorCipherOrder",
  "key",
  "maxVersion",
  "minVersion",
  "passphrase",
  "pfx",
  "privateKeyEngine",
  "privateKeyIdentifier",
  "secureOptions",
  "sessionIdContext",
  "sessionTimeout",
  "sigalgs",
] as const satisfies readonly (keyof WsTlsOptions)[];

const TLS_HINTS: ReadonlyMap<string, string> = new Map([
  ["secureProtocol", "cannot be used; minVersion and maxVersion say it better"],
]);

/**
 * Certificates and keys of an object are parsed once: a mistake shows when the connector is made
 * and not as an outage later, and a reconnect does not pay for it. Those of a function are parsed
 * when it returns another object than the last time.
 */
export function resolveTls(
  tls: WsConnectorOptions["tls"],
  issues: ConfigIssue[],
): TlsOptionsSource {
  if (typeof tls === "function") return rotating(tls);
  return checked(tls, issues);
}

function rotating(provide: () => WsTlsOptions): TlsOptionsSource {
  let last: { readonly given: WsTlsOptions; readonly source: TlsOptionsSource } | undefined;
  return (host) => {
    const given = called(provide);
    if (last === undefined || given !== last.given) {
      const issues: ConfigIssue[] = [];
      // Missing is no default here: a rotation that reads nothing must not fall back to other trust
      // than was asked for.
      const source = checked(given ?? (null as never), issues);
      if (issues.length > 0)
        throw invalid(issues.map(({ path, message }) => `${path} ${message}`).join("; "));
      last = { given, source };
    }
    return last.source(host);
  };
}

function called(provide: () => WsTlsOptions): WsTlsOptions {
  try {
    return provide();
  } catch (error) {
    throw invalid("the function for tls threw", error);
  }
}

function invalid(message: string, cause?: unknown): WsError {
  return new WsError({
    kind: "client",
    code: "TLS_OPTIONS_INVALID",
    message,
    ...(cause === undefined ? {} : { cause }),
  });
}

function checked(given: WsTlsOptions | undefined, issues: ConfigIssue[]): TlsOptionsSource {
  const tls = checkGroup(given, "tls", TLS_KEYS, TLS_HINTS, issues);
  const context = secureContextOf(tls, issues);
  issues.push(...contradictions(tls));
  return (host) => ({
    // Said in so many words. Left out, NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the verification
    // off, an agent would take the name from the Host header, and it would resume its own sessions,
    // in which neither the certificate nor `checkServerIdentity` is asked again.
    session: undefined,
    ...tls,
    rejectUnauthorized: tls.rejectUnauthorized ?? true,
    servername: tls.servername ?? (isIP(host) === 0 ? host : ""),
    secureContext: context(),
  });
}

/** What Node would ignore in silence, or what would switch another option off. */
function* contradictions(tls: WsTlsOptions): Generator<ConfigIssue> {
  if (tls.secureContext !== undefined) {
    for (const key of CONTEXT_KEYS) {
      if (tls[key] === undefined) continue;
      const message = "has no effect beside secureContext; make that context with it";
      yield { path: `tls.${key}`, message };
    }
  }
  if (tls.session !== undefined && tls.checkServerIdentity !== undefined) {
    const message =
      "cannot be used beside checkServerIdentity, which a resumed session does not ask";
    yield { path: "tls.session", message };
  }
}

/** A connector without TLS options makes its context when it first needs one. */
function secureContextOf(
  tls: WsTlsOptions,
  issues: ConfigIssue[],
): () => SecureContext | undefined {
  let context = tls.secureContext;
  const make = (): SecureContext =>
    (context ??= createSecureContext({ minVersion: "TLSv1.2", ...tls }));
  if (Object.keys(tls).length > 0) {
    try {
      make();
    } catch (error) {
      // The code alone: Node's text quotes what it was given, which may be a passphrase.
      const { code } = error as { code?: string };
      issues.push({
        path: "tls",
        message: `no TLS context can be made of this (${code ?? "unknown error"})`,
      });
    }
  }
  return make;
}
