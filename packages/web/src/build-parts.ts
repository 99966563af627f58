import type { ConfigIssue, WsConnector } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import { collectIssues, seamIssues } from "@oath-ws/resilience";
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
  surroundings: true,
  probe: true,
  WebSocket: true,
  headersSupported: true,
};

/** Options that were checked, made into what the stack is assembled from. */
export interface BuildParts {
  readonly config: ResilienceConfig;
  readonly leaf: WsConnector;
}

/**
 * Checks the options of `buildWeb()` and `openWeb()`, and makes the leaf.
 *
 * @param known the names of the options
 * @param beside what is wrong beside them
 * @throws ConfigError with everything that is wrong; paths in `config` are those of
 *   `ResilienceConfig`
 */
export function buildParts(
  options: BuildWebOptions | undefined,
  known: Readonly<Record<string, true>>,
  beside: readonly ConfigIssue[],
): BuildParts {
  if (
    options !== undefined &&
    (typeof options !== "object" || options === null || Array.isArray(options))
  ) {
    throw new ConfigError([...beside, { path: "options", message: "must be an object" }]);
  }
  const issues = [...beside, ...unknownIssues(options ?? {}, known), ...seamIssues(options)];
  const config = collectIssues(issues, () => resolveWebConfig(options?.config));
  const leaf = collectIssues(issues, () =>
    webConnector({
      WebSocket: options?.WebSocket,
      headersSupported: options?.headersSupported,
      maxMessageBytes: config?.limits.maxMessageBytes,
      maxBufferedBytes: config?.send.maxPendingBytes,
      // 0 means "at once" to the stack, which destroys the connection by itself then.
      closeTimeoutMs: config && Math.max(1, config.shutdown.timeoutMs),
    }),
  );
  if (config === undefined || leaf === undefined || issues.length > 0)
    throw new ConfigError(issues);
  return { config, leaf };
}

function* unknownIssues(
  options: object,
  known: Readonly<Record<string, true>>,
): Generator<ConfigIssue> {
  for (const [path, value] of Object.entries(options)) {
    if (value !== undefined && !Object.hasOwn(known, path))
      yield { path, message: "is not an option" };
  }
}
