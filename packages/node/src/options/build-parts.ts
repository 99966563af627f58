import type { ConfigIssue, WsConnector } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import { collectIssues, resolveConfig, seamIssues } from "@oath-ws/resilience";
import type { ResilienceConfig } from "@oath-ws/resilience";
import type { BuildOptions } from "../build.js";
import { directConnector } from "../direct/direct-connector.js";
import { isObject } from "./option-checks.js";
import { MAX_MESSAGE_BYTES } from "./resolve-options.js";
import { wsConnector } from "../ws/ws-connector.js";
import type { WsConnectorOptions } from "./ws-connector-options.js";

/** The names of `build()`'s options. */
export const BUILD_KEYS: Readonly<Record<keyof BuildOptions, true>> = {
  config: true,
  auth: true,
  classify: true,
  gate: true,
  tracer: true,
  leaf: true,
  tls: true,
  proxy: true,
  ws: true,
};

const LEAVES = { ws: wsConnector, direct: directConnector } as const satisfies Record<
  NonNullable<BuildOptions["leaf"]>,
  unknown
>;

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
  if (options === undefined) return [];
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return [{ path: "options", message: "must be an object" }];
  }
  return Object.entries(options)
    .filter(([path, value]) => value !== undefined && !Object.hasOwn(known, path))
    .map(([path]) => ({ path, message: hints?.get(path) ?? "is not an option" }));
}

/**
 * Checks the options of `build()`, and makes the leaf.
 *
 * @param issues what the caller has found wrong already
 * @param closeTimeoutMs the leaf's bound of a closing handshake
 * @throws ConfigError with those issues and all others; paths in `config` are those of
 *   `ResilienceConfig`
 */
export function buildParts(
  options: BuildOptions | undefined,
  issues: ConfigIssue[],
  closeTimeoutMs: (config: ResilienceConfig) => number,
): BuildParts {
  const config = collectIssues(issues, () => resolveConfig(options?.config));
  const tooBig = messageLimitIssue(options?.config);
  if (tooBig !== undefined) issues.push(tooBig);
  issues.push(...seamIssues(options));
  const makeLeaf = leafMaker(options?.leaf, issues);
  const leaf = collectIssues(issues, () =>
    sharedLeaf(makeLeaf, {
      // The leaf would name the limit as its own option, which the caller never wrote.
      maxMessageBytes: config && Math.min(config.limits.maxMessageBytes, MAX_MESSAGE_BYTES),
      closeTimeoutMs: config && closeTimeoutMs(config),
      tls: options?.tls,
      proxy: options?.proxy,
      ws: options?.ws,
      addressTimeoutMs: config && config.connect.timeoutMs / 2,
    }),
  );
  if (config === undefined || leaf === undefined || issues.length > 0)
    throw new ConfigError(issues);
  return { config, leaf };
}

type MakeLeaf = typeof wsConnector;

/** What a leaf without options of the caller depends on. */
interface PlainOptions {
  readonly maxMessageBytes: number | undefined;
  readonly closeTimeoutMs: number | undefined;
  /** How long one address of several may take, unless the caller says so. */
  readonly addressTimeoutMs: number | undefined;
}

/** The last leaf of each kind that was made without options of the caller. */
const plainLeaves = new Map<MakeLeaf, PlainOptions & { readonly leaf: WsConnector }>();

/**
 * Most callers pass nothing on to the leaf, and then one serves them all: it holds the TLS context
 * and next to no state.
 */
function sharedLeaf(
  makeLeaf: MakeLeaf,
  { addressTimeoutMs, ...options }: WsConnectorOptions & PlainOptions,
): WsConnector {
  const { tls, proxy, ws, maxMessageBytes, closeTimeoutMs } = options;
  const make = (): WsConnector =>
    makeLeaf({ ...options, ws: withAddressTimeout(ws, addressTimeoutMs) });
  if (tls !== undefined || proxy !== undefined || ws !== undefined) return make();
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

/** Anything else than an object is left for the leaf to refuse. */
function withAddressTimeout(
  ws: WsConnectorOptions["ws"],
  addressTimeoutMs: number | undefined,
): WsConnectorOptions["ws"] {
  if (addressTimeoutMs === undefined || (ws !== undefined && !isObject(ws))) return ws;
  if (ws?.autoSelectFamilyAttemptTimeout !== undefined) return ws;
  // Node takes whole milliseconds, 10 at least.
  return { ...ws, autoSelectFamilyAttemptTimeout: Math.max(10, Math.ceil(addressTimeoutMs)) };
}

/** Any leaf for a name that is none: the other options are checked all the same. */
function leafMaker(name: unknown = "ws", issues: ConfigIssue[]): MakeLeaf {
  if (typeof name === "string" && Object.hasOwn(LEAVES, name))
    return LEAVES[name as keyof typeof LEAVES];
  const got =
    typeof name === "string" ? JSON.stringify(name) : name === null ? "null" : typeof name;
  issues.push({ path: "leaf", message: `must be "ws" or "direct", got ${got}` });
  return wsConnector;
}

/** The leaf's bound is lower than that of the configuration, which does not know the leaf. */
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
