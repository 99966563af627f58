import type { AuthSource, Classify, ReconnectingConnector, Tracer } from "@oath-ws/contract";
import type { AttemptGate, PartialConfig } from "@oath-ws/resilience";
import { resolveConfig, stack } from "@oath-ws/resilience";
import { diagnosticsTracer } from "./diagnostics.js";
import { nodeRandom, nodeSpawn, nodeTimer } from "./node-runtime.js";
import { sharedGate } from "./shared-gate.js";
import { wsConnector } from "./ws-connector.js";
import type { WsConnectorOptions } from "./ws-connector-options.js";

/** Options of {@link build}; every field is optional. */
export interface BuildOptions {
  /** Any part of the resilience configuration; see `ResilienceConfig` for units and defaults. */
  readonly config?: PartialConfig | undefined;
  /** Asked for credentials on every attempt. */
  readonly auth?: AuthSource | undefined;
  /** Decides which failures are permanent. Default: `defaultClassify`. */
  readonly classify?: Classify | undefined;
  /**
   * Counts connection attempts. Default: one gate for the whole process, per host, so that connections made independently keep a
   * venue's limit together. `config.attempts` says how many this connection allows itself.
   */
  readonly gate?: AttemptGate | undefined;
  /** Told what happens, synchronously. Every event also goes to the diagnostics channel `oath-ws:trace`. */
  readonly tracer?: Tracer | undefined;
  /** TLS settings (`ca`, `cert`, `key`, `servername`, ...). Verification is on unless `rejectUnauthorized: false` says otherwise. */
  readonly tls?: WsConnectorOptions["tls"];
  /** Passed on to `ws` (`agent`, `perMessageDeflate`, `localAddress`, `lookup`, ...). */
  readonly ws?: WsConnectorOptions["ws"];
}

/** Longer than anybody waits for a closing handshake, in milliseconds. */
const LEAF_CLOSE_TIMEOUT_MS = 3_600_000;

/**
 * The stack over the `ws` leaf and Node's clocks, for making many connections with the same settings.
 *
 * @throws ConfigError listing everything that is wrong with the options
 */
export function build(options?: BuildOptions): ReconnectingConnector {
  const config = resolveConfig(options?.config);
  const leaf = wsConnector({
    maxMessageBytes: config.limits.maxMessageBytes,
    // The stack bounds every close itself; the leaf's own bound only has to be no shorter.
    closeTimeoutMs: LEAF_CLOSE_TIMEOUT_MS,
    tls: options?.tls,
    ws: options?.ws,
  });
  return stack({
    leaf,
    config,
    timer: nodeTimer,
    spawn: nodeSpawn,
    random: nodeRandom,
    auth: options?.auth,
    classify: options?.classify,
    gate: options?.gate ?? sharedGate,
    tracer: diagnosticsTracer(options?.tracer),
  });
}
