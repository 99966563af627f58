import type { ConfigIssue, Timer, WsConnector } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import {
  collectIssues,
  resolveConfig,
  seamIssues,
  unknownOptionIssues as unknownIssues,
} from "@oath-ws/resilience";
import type { ResilienceConfig } from "@oath-ws/resilience";
import type { BuildOptions } from "../build.js";
import { directConnector } from "../direct/direct-connector.js";
import { isObject } from "./option-checks.js";
import { MAX_MESSAGE_BYTES } from "./resolve-options.js";
import type { Transport } from "./resolve-options.js";
import { wsConnector } from "../ws/ws-connector.js";
import type { WsConnectorOptions } from "./ws-connector-options.js";

/** The names of `build()`'s options. */
export const BUILD_KEYS: Readonly<Record<keyof BuildOptions, true>> = {
  config: true,
  auth: true,
  classify: true,
  gate: true,
  tracer: true,
  transport: true,
  tls: true,
  proxy: true,
  socket: true,
  ws: true,
};

/** The options of 0.1 that have another name now, and that name. */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ["leaf", 'is now transport: "direct" (the default) or "ws"'],
]);

type MakeConnector = (options: WsConnectorOptions) => WsConnector;

const CONNECTORS: Readonly<Record<Transport, MakeConnector>> = {
  direct: directConnector,
  ws: wsConnector,
};

/** Options that were checked, made into what the stack is assembled from. */
export interface BuildParts {
  readonly config: ResilienceConfig;
  readonly leaf: WsConnector;
}

/**
 * Lists the options that do not exist.
 *
 * @param hints where a name belongs that others know
 */
export function unknownOptionIssues(
  options: unknown,
  known: Readonly<Record<string, true>>,
  hints?: ReadonlyMap<string, string>,
): ConfigIssue[] {
  return unknownIssues(options, known, new Map([...RENAMED, ...(hints ?? [])]));
}

/**
 * Checks the options of `build()`, and makes the connector of the transport.
 *
 * @param issues what the caller has found wrong already
 * @param closeTimeoutMs that connector's bound of a closing handshake
 * @param timer its clocks; default Node's
 * @throws ConfigError with those issues and all others; paths in `config` are those of
 *   `ResilienceConfig`
 */
export function buildParts(
  options: BuildOptions | undefined,
  issues: ConfigIssue[],
  closeTimeoutMs: (config: ResilienceConfig) => number,
  timer?: Timer,
): BuildParts {
  const config = collectIssues(issues, () => resolveConfig(options?.config));
  const tooBig = messageLimitIssue(options?.config);
  if (tooBig !== undefined) issues.push(tooBig);
  issues.push(...seamIssues(options));
  const makeLeaf = connectorMaker(options?.transport, issues);
  const leaf = collectIssues(issues, () =>
    sharedLeaf(makeLeaf, {
      // The connector would name the limit as its own option, which the caller never wrote.
      maxMessageBytes: config && Math.min(config.limits.maxMessageBytes, MAX_MESSAGE_BYTES),
      closeTimeoutMs: config && closeTimeoutMs(config),
      tls: options?.tls,
      proxy: options?.proxy,
      socket: options?.socket,
      ws: options?.ws,
      timer,
      addressTimeoutMs: config && config.connect.timeoutMs / 2,
    }),
  );
  if (config === undefined || leaf === undefined || issues.length > 0)
    throw new ConfigError(issues);
  return { config, leaf };
}

/** What a connector without options of the caller depends on. */
interface PlainOptions {
  readonly maxMessageBytes: number | undefined;
  readonly closeTimeoutMs: number | undefined;
  /** How long one address of several may take, unless the caller says so. */
  readonly addressTimeoutMs: number | undefined;
}

/** The last connector of each transport that was made without options of the caller. */
const plainLeaves = new Map<MakeConnector, PlainOptions & { readonly leaf: WsConnector }>();

/**
 * Most callers pass nothing on to the connector, and then one serves them all: it holds the TLS
 * context and next to no state.
 */
function sharedLeaf(
  makeLeaf: MakeConnector,
  { addressTimeoutMs, ...options }: WsConnectorOptions & PlainOptions,
): WsConnector {
  const { tls, proxy, socket, ws, timer, maxMessageBytes, closeTimeoutMs } = options;
  const make = (): WsConnector =>
    makeLeaf({ ...options, socket: withAddressTimeout(socket, addressTimeoutMs) });
  if ([tls, proxy, socket, ws, timer].some((option) => option !== undefined)) return make();
  const last = plainLeaves.get(makeLeaf);
  if (
    last !== undefined &&
    last.maxMessageBytes === maxMessageBytes &&
    last.closeTimeoutMs === closeTimeoutMs &&
    last.addressTimeoutMs === addressTimeoutMs
  )
    return last.leaf;
  const leaf = make();
  plainLeaves.set(makeLeaf, { maxMessageBytes, closeTimeoutMs, addressTimeoutMs, leaf });
  return leaf;
}

/** Anything else than an object is left for the connector to refuse. */
function withAddressTimeout(
  socket: WsConnectorOptions["socket"],
  addressTimeoutMs: number | undefined,
): WsConnectorOptions["socket"] {
  if (addressTimeoutMs === undefined || (socket !== undefined && !isObject(socket))) return socket;
  if (socket?.autoSelectFamilyAttemptTimeout !== undefined) return socket;
  // Node takes whole milliseconds, 10 at least.
  return { ...socket, autoSelectFamilyAttemptTimeout: Math.max(10, Math.ceil(addressTimeoutMs)) };
}

/** The default for a name that is none: the other options are checked all the same. */
function connectorMaker(name: unknown = "direct", issues: ConfigIssue[]): MakeConnector {
  if (typeof name === "string" && Object.hasOwn(CONNECTORS, name))
    return CONNECTORS[name as Transport];
  const got =
    typeof name === "string" ? JSON.stringify(name) : name === null ? "null" : typeof name;
  issues.push({ path: "transport", message: `must be "direct" or "ws", got ${got}` });
  return directConnector;
}

/** The connectors' bound is lower than that of the configuration, which does not know them. */
function messageLimitIssue(config: unknown): ConfigIssue | undefined {
  const value = property(property(config, "limits"), "maxMessageBytes");
  if (!Number.isSafeInteger(value) || (value as number) <= MAX_MESSAGE_BYTES) return undefined;
  return {
    path: "limits.maxMessageBytes",
    message: `must be at most ${MAX_MESSAGE_BYTES}, got ${String(value)}`,
  };
}

function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
