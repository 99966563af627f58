import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import { ConfigError } from "@oath-ws/contract";
import type { ConfigIssue, Spawn, Timer } from "@oath-ws/contract";
import { nodeSpawn, nodeTimer } from "./node-runtime.js";
import type { WsConnectorOptions, WsPassThroughOptions, WsTlsOptions } from "./ws-connector-options.js";

/** `ws` keeps its limit in 32 bits: a larger number would wrap round and mean no limit at all. */
export const MAX_MESSAGE_BYTES: number = 2 ** 31 - 1;

const TOP_KEYS: Record<keyof WsConnectorOptions, true> = {
  maxMessageBytes: true,
  closeTimeoutMs: true,
  tls: true,
  ws: true,
  timer: true,
  spawn: true,
};

const TLS_KEYS: Record<keyof WsTlsOptions, true> = {
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

const WS_KEYS: Record<keyof WsPassThroughOptions, true> = {
  agent: true,
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: true,
  createConnection: true,
  family: true,
  generateMask: true,
  hints: true,
  insecureHTTPParser: true,
  keepAlive: true,
  keepAliveInitialDelay: true,
  localAddress: true,
  localPort: true,
  lookup: true,
  maxHeaderSize: true,
  origin: true,
  perMessageDeflate: true,
  skipUTF8Validation: true,
};

/** Options of `ws` that the leaf decides, and what to use instead. */
const OWNED_KEYS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    allowSynchronousEvents: "is always on; frames are queued, not handled, where they are emitted",
    auth: "belongs into the URL or the handshake's headers",
    autoPong: "is always off; pings are handed over as frames",
    closeTimeout: "is closeTimeoutMs",
    finishRequest: "would be called for every attempt; edit the handshake in an AuthSource instead",
    followRedirects: "is always off; a redirect is a refusal",
    handshakeTimeout: "is connect.timeoutMs of the stack, or the signal of connect()",
    headers: "belongs into the handshake",
    host: "is part of the URL",
    hostname: "is part of the URL",
    maxBufferedChunks: "is fixed; the bound is maxMessageBytes",
    maxFragments: "is fixed; the bound is maxMessageBytes",
    maxPayload: "is maxMessageBytes",
    maxPendingAutoPongs: "means nothing: pings are handed over as frames",
    maxRedirects: "means nothing: redirects are refusals",
    method: "is always GET",
    path: "is part of the URL",
    port: "is part of the URL",
    protocol: "belongs into the handshake's protocols",
    protocols: "belongs into the handshake",
    protocolVersion: "is always 13",
    signal: "belongs into the options of connect()",
    socketPath: "cannot be used; pass createConnection",
    timeout: "is connect.timeoutMs of the stack, or the signal of connect()",
  }),
);

const TLS_HINTS: ReadonlyMap<string, string> = new Map([
  ["secureProtocol", "cannot be used; minVersion and maxVersion say it better"],
]);

const WS_HINTS: ReadonlyMap<string, string> = new Map([
  ...OWNED_KEYS,
  ...[...Object.keys(TLS_KEYS), "secureProtocol"].map((key) => [key, "belongs into tls"] as const),
]);

/** Validated options with their defaults. */
export interface ResolvedOptions {
  readonly maxMessageBytes: number;
  readonly closeTimeoutMs: number;
  readonly timer: Timer;
  readonly spawn: Spawn;
  readonly ws: WsPassThroughOptions;
  /** What `tls.connect` is told for `wss:`. */
  tlsOptions(): Readonly<Record<string, unknown>>;
}

/** Checks everything at once. Throws one `ConfigError` with all issues, none of which shows a value that may be secret. */
export function resolveOptions(options: WsConnectorOptions = {}): ResolvedOptions {
  const issues: ConfigIssue[] = [];
  if (!isObject(options)) {
    throw new ConfigError([{ path: "options", message: `must be an object, got ${typeName(options)}` }]);
  }
  checkKeys(options, "", TOP_KEYS, new Map(), issues);
  const { maxMessageBytes = 32 * 1024 * 1024, closeTimeoutMs = 5000 } = options;
  if (!Number.isInteger(maxMessageBytes) || maxMessageBytes < 1 || maxMessageBytes > MAX_MESSAGE_BYTES) {
    issues.push({
      path: "maxMessageBytes",
      message: `must be a whole number from 1 to ${MAX_MESSAGE_BYTES}, got ${show(maxMessageBytes)}`,
    });
  }
  if (!Number.isFinite(closeTimeoutMs) || closeTimeoutMs <= 0) {
    issues.push({ path: "closeTimeoutMs", message: `must be a finite number above 0, got ${show(closeTimeoutMs)}` });
  }
  for (const [path, methods] of [
    ["timer", ["now", "wallNow", "schedule"]],
    ["spawn", ["spawn"]],
  ] as const) {
    const value = options[path] as Record<string, unknown> | undefined;
    if (value === undefined) continue;
    for (const method of methods) {
      if (!isObject(value) || typeof value[method] !== "function") {
        issues.push({ path, message: `must have a method ${method}()` });
      }
    }
  }
  const ws = checkGroup(options.ws, "ws", WS_KEYS, WS_HINTS, issues);
  const tls = checkGroup(options.tls, "tls", TLS_KEYS, TLS_HINTS, issues);
  const context = secureContextOf(tls, issues);
  if (issues.length > 0) throw new ConfigError(issues);
  return {
    maxMessageBytes,
    closeTimeoutMs,
    timer: options.timer ?? nodeTimer,
    spawn: options.spawn ?? nodeSpawn,
    ws,
    // Said in so many words: left out, NODE_TLS_REJECT_UNAUTHORIZED=0 would turn the verification off.
    tlsOptions: () => ({ rejectUnauthorized: true, ...tls, secureContext: context() }),
  };
}

/**
 * Certificates and keys are parsed once: a mistake shows when the connector is made and not as an outage later, and a
 * reconnect does not pay for it. A connector without TLS options makes its context when it first needs one.
 */
function secureContextOf(tls: WsTlsOptions, issues: ConfigIssue[]): () => SecureContext | undefined {
  let context = tls.secureContext;
  const make = (): SecureContext => (context ??= createSecureContext({ minVersion: "TLSv1.2", ...tls }));
  if (Object.keys(tls).length > 0) {
    try {
      make();
    } catch (error) {
      // The code alone: Node's text quotes what it was given, which may be a passphrase.
      const { code } = error as { code?: string };
      issues.push({ path: "tls", message: `no TLS context can be made of this (${code ?? "unknown error"})` });
    }
  }
  return make;
}

function checkGroup<T extends object>(
  value: T | undefined,
  path: string,
  known: Record<keyof T, true>,
  hints: ReadonlyMap<string, string>,
  issues: ConfigIssue[],
): T {
  if (value === undefined) return {} as T;
  if (!isObject(value)) {
    issues.push({ path, message: `must be an object, got ${typeName(value)}` });
    return {} as T;
  }
  checkKeys(value, `${path}.`, known, hints, issues);
  // Without the keys that are set to undefined: `ws` and Node would take those for values and drop their defaults.
  return Object.fromEntries(
    Object.entries(value).filter(([key, entry]) => entry !== undefined && Object.hasOwn(known, key)),
  ) as T;
}

function checkKeys(
  value: object,
  prefix: string,
  known: Readonly<Record<string, true>>,
  hints: ReadonlyMap<string, string>,
  issues: ConfigIssue[],
): void {
  for (const [key, entry] of Object.entries(value)) {
    if (Object.hasOwn(known, key) || entry === undefined) continue;
    issues.push({ path: `${prefix}${key}`, message: hints.get(key) ?? "is not an option" });
  }
}

/** No type guard: it is asked of values whose type is known, if the caller kept to it. */
function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}

function show(value: unknown): string {
  return typeof value === "number" ? String(value) : typeName(value);
}
