import { ConfigError } from "@oath-ws/contract";
import type { ConfigIssue, Timer } from "@oath-ws/contract";
import { nodeTimer } from "../runtime/node-runtime.js";
import { checkKeys, numberFault, seamIssues, typeName } from "@oath-ws/resilience";
import { checkGroup, isObject } from "./option-checks.js";
import { resolveTls, TLS_KEYS } from "./resolve-tls.js";
import type { TlsOptionsSource } from "./resolve-tls.js";
import { resolveProxy } from "../proxy/resolve-proxy.js";
import type { ProxySource } from "../proxy/resolve-proxy.js";
import type {
  WsConnectorOptions,
  WsDeflateOptions,
  WsOnlyOptions,
  WsSocketOptions,
} from "./ws-connector-options.js";

/** `ws` keeps its limit in 32 bits: a larger number would wrap round and mean no limit at all. */
export const MAX_MESSAGE_BYTES: number = 2 ** 31 - 1;

/** Half of the default `connect.timeoutMs`. */
const ADDRESS_TIMEOUT_MS = 5000;

const TOP_KEYS: Record<keyof WsConnectorOptions, true> = {
  maxMessageBytes: true,
  closeTimeoutMs: true,
  tls: true,
  proxy: true,
  socket: true,
  ws: true,
  timer: true,
};

const SOCKET_KEYS: Record<keyof WsSocketOptions, true> = {
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

/** Options of npm `ws` that are decided here, and what to use instead. */
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

const DEFLATE_KEYS: Record<keyof WsDeflateOptions, true> = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: true,
  clientMaxWindowBits: true,
  zlibDeflateOptions: true,
  zlibInflateOptions: true,
  threshold: true,
};

const WS_KEYS: Record<keyof WsOnlyOptions, true> = { concurrencyLimit: true };

const SOCKET_HINTS: ReadonlyMap<string, string> = new Map([
  ...OWNED_KEYS,
  ...[...Object.keys(TLS_KEYS), "secureProtocol"].map((key) => [key, "belongs into tls"] as const),
  ...Object.keys(WS_KEYS).map((key) => [key, "belongs into ws"] as const),
]);

const DEFLATE_HINTS: ReadonlyMap<string, string> = new Map([
  ["concurrencyLimit", "is now ws.concurrencyLimit"],
]);

const MOVED = Object.keys(SOCKET_KEYS).map((key) => [key, `is now socket.${key}`] as const);

const WS_ALONE = 'cannot be used with transport "direct": npm ws alone understands it';

/** What each transport says to an option in `ws` that it does not take. */
const WS_HINTS: Readonly<Record<Transport, ReadonlyMap<string, string>>> = {
  ws: new Map([...SOCKET_HINTS, ...MOVED]),
  direct: new Map([
    ...SOCKET_HINTS,
    ...MOVED,
    ...Object.keys(WS_KEYS).map((key) => [key, WS_ALONE] as const),
  ]),
};

/** What speaks WebSocket: our own codec, or npm `ws`. */
export type Transport = "direct" | "ws";

/** Validated options with their defaults. */
export interface ResolvedOptions {
  readonly maxMessageBytes: number;
  readonly closeTimeoutMs: number;
  readonly timer: Timer;
  readonly socket: WsSocketOptions;
  /** Empty for the transport `"direct"`. */
  readonly ws: WsOnlyOptions;
  /** What `tls.connect` is told for `wss:`; see {@link resolveTls}. */
  readonly tlsOptions: TlsOptionsSource;
  /** `undefined`: there is no proxy for any URL. */
  readonly proxyFor: ProxySource | undefined;
}

/**
 * Checks everything at once. Throws one `ConfigError` with all issues, none of which shows a value
 * that may be secret.
 */
export function resolveOptions(
  options: WsConnectorOptions = {},
  transport: Transport,
): ResolvedOptions {
  const issues: ConfigIssue[] = [];
  if (!isObject(options)) {
    throw new ConfigError([
      { path: "options", message: `must be an object, got ${typeName(options)}` },
    ]);
  }
  checkKeys(options, "", TOP_KEYS, new Map(), issues);
  const { maxMessageBytes = 32 * 1024 * 1024, closeTimeoutMs = 5000 } = options;
  for (const [path, value, range] of [
    ["maxMessageBytes", maxMessageBytes, { min: 1, max: MAX_MESSAGE_BYTES, whole: true }],
    ["closeTimeoutMs", closeTimeoutMs, { above: 0 }],
  ] as const) {
    const message = numberFault(range, value);
    if (message !== undefined) issues.push({ path, message });
  }
  const timer = options.timer ?? nodeTimer;
  issues.push(...seamIssues({ timer }));
  const socket = checkGroup(options.socket, "socket", SOCKET_KEYS, SOCKET_HINTS, issues);
  checkDeflate(socket.perMessageDeflate, issues);
  const known = transport === "ws" ? WS_KEYS : {};
  const ws = checkGroup<WsOnlyOptions>(options.ws, "ws", known, WS_HINTS[transport], issues);
  const tlsOptions = resolveTls(options.tls, issues);
  const proxyFor = resolveProxy(options.proxy, issues);
  for (const key of ["agent", "createConnection"] as const) {
    if (options.proxy === undefined || socket[key] === undefined) continue;
    issues.push({ path: `socket.${key}`, message: "cannot be used beside proxy" });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return {
    maxMessageBytes,
    closeTimeoutMs,
    timer,
    socket: { autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS, ...socket },
    ws,
    tlsOptions,
    proxyFor,
  };
}

function checkDeflate(offer: WsSocketOptions["perMessageDeflate"], issues: ConfigIssue[]): void {
  const path = "socket.perMessageDeflate";
  if (offer === undefined || typeof offer === "boolean") return;
  if (isObject(offer)) checkKeys(offer, `${path}.`, DEFLATE_KEYS, DEFLATE_HINTS, issues);
  else issues.push({ path, message: "must be a boolean or an object" });
}
