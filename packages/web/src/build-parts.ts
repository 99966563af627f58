import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import { collectIssues, ConnectionNames, seamIssues } from "@oath-ws/resilience";
import type { ResilienceConfig, StackOptions } from "@oath-ws/resilience";
import type { BuildWebOptions } from "./build-web.js";
import { resolveWebConfig } from "./web-config.js";
import { webConnector } from "./web-connector.js";
import { announceConnection, diagnosticsTracer } from "./web-diagnostics.js";
import { webNewId, webRandom, webSpawn, webTimer } from "./web-runtime.js";
import { webSurroundings } from "./web-surroundings.js";

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

/** Connections of one name are numbered in the whole page or process. */
const sharedNames = new ConnectionNames();

/** Options that were checked, made into what the stack is assembled from. */
export interface BuildParts {
  readonly config: ResilienceConfig;
  readonly stack: Omit<StackOptions, "auth" | "classify" | "config" | "gate">;
}

/**
 * Checks the options of `buildWeb()` and `openWeb()` that all have, and makes
 * the leaf.
 *
 * @param issues what the caller has found wrong already
 * @throws ConfigError with those issues and all others; paths in `config` are those of
 *   `ResilienceConfig`
 */
export function buildParts(
  options: BuildWebOptions | undefined,
  issues: ConfigIssue[],
): BuildParts {
  issues.push(...seamIssues(options));
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
  return {
    config,
    stack: {
      leaf,
      timer: webTimer,
      spawn: webSpawn,
      random: webRandom,
      newId: webNewId,
      surroundings: options?.surroundings ?? webSurroundings,
      probe: options?.probe,
      names: sharedNames,
      tracer: diagnosticsTracer(options?.tracer),
      onConnection: announceConnection,
    },
  };
}
