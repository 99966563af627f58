import type { ConfigIssue, WsConnector } from "@oath-ws/contract";
import { ConfigError, isConfigError } from "@oath-ws/contract";
import type { ResilienceConfig } from "@oath-ws/resilience";
import type { BuildWebOptions } from "./build-web.js";
import { resolveWebConfig } from "./web-config.js";
import { webConnector } from "./web-connector.js";

/** The names of `buildWeb()`'s options. */
export const BUILD_KEYS: Readonly<Record<keyof BuildWebOptions, true>> = {
  config: true,
  auth: true,
  classify: true,
  gate: true,
  tracer: true,
  WebSocket: true,
  headersSupported: true,
};

/** What each seam must be able to do, for callers without a compiler. */
const SEAMS = {
  auth: ["authorize"],
  classify: ["classify"],
  gate: ["keyFault", "reserve", "claim", "release", "block"],
  tracer: ["trace"],
} as const satisfies Partial<Record<keyof BuildWebOptions, readonly string[]>>;

/** Options that were checked, made into what the stack is assembled from. */
export interface BuildParts {
  readonly config: ResilienceConfig;
  readonly leaf: WsConnector;
}

/**
 * Checks the options of `buildWeb()` and `openWeb()`, and makes the leaf.
 *
 * @param known the names of the options
 * @throws ConfigError with everything that is wrong; paths in `config` are those of `ResilienceConfig`
 */
export function buildParts(options: BuildWebOptions | undefined, known: Readonly<Record<string, true>>): BuildParts {
  if (options !== undefined && (typeof options !== "object" || options === null || Array.isArray(options))) {
    throw new ConfigError([{ path: "options", message: "must be an object" }]);
  }
  const issues: ConfigIssue[] = [...unknownIssues(options ?? {}, known), ...seamIssues(options ?? {})];
  const config = collect(issues, () => resolveWebConfig(options?.config));
  const leaf = collect(issues, () =>
    webConnector({
      WebSocket: options?.WebSocket,
      headersSupported: options?.headersSupported,
      maxMessageBytes: config?.limits.maxMessageBytes,
      maxBufferedBytes: config?.send.maxPendingBytes,
      // 0 means "at once" to the stack, which destroys the connection by itself then.
      closeTimeoutMs: config && Math.max(1, config.shutdown.timeoutMs),
    }),
  );
  if (config === undefined || leaf === undefined || issues.length > 0) throw new ConfigError(issues);
  return { config, leaf };
}

function* unknownIssues(options: object, known: Readonly<Record<string, true>>): Generator<ConfigIssue> {
  for (const [path, value] of Object.entries(options)) {
    if (value !== undefined && !Object.hasOwn(known, path)) yield { path, message: "is not an option" };
  }
}

function* seamIssues(options: BuildWebOptions): Generator<ConfigIssue> {
  for (const [path, methods] of Object.entries(SEAMS)) {
    const seam = (options as Readonly<Record<string, unknown>>)[path];
    if (seam === undefined) continue;
    for (const method of methods) {
      const found: unknown = typeof seam === "object" && seam !== null ? (seam as Record<string, unknown>)[method] : undefined;
      if (typeof found !== "function") yield { path, message: `must have a method ${method}()` };
    }
  }
}

/** Adds the issues of a `ConfigError`, so that the caller hears of all of them at once. */
function collect<T>(issues: ConfigIssue[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!isConfigError(error)) throw error;
    issues.push(...error.issues);
    return undefined;
  }
}
