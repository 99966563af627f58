import type {
  AuthSource,
  Classify,
  ConfigIssue,
  ReconnectingConnector,
  Tracer,
} from "@oath-ws/contract";
import type { Gate, PartialConfig, StackOptions } from "@oath-ws/resilience";
import { stack } from "@oath-ws/resilience";
import { BUILD_KEYS, buildParts, unknownOptionIssues } from "./options/build-parts.js";
import { diagnosticsTracer } from "./runtime/diagnostics.js";
import { nodeSeams } from "./runtime/node-seams.js";
import { sharedGate } from "./runtime/shared-gate.js";
import type { WsConnectorOptions } from "./options/ws-connector-options.js";

/** Options of {@link build}; every field is optional. */
export interface BuildOptions {
  /** Any part of the resilience configuration; see `ResilienceConfig` for units and defaults. */
  readonly config?: PartialConfig | undefined;
  /** Asked for credentials on every attempt. */
  readonly auth?: AuthSource | undefined;
  /** Decides which failures are permanent. Default: `defaultClassify`. */
  readonly classify?: Classify | undefined;
  /**
   * Counts connection attempts. Default: one gate for the whole process, per host, so that
   * connections made independently keep a venue's limit together. `config.attempts` says how many
   * this connection allows itself.
   */
  readonly gate?: Gate | undefined;
  /**
   * Told what happens, synchronously. Every event also goes to the diagnostics channel
   * `oath-ws:trace`.
   */
  readonly tracer?: Tracer | undefined;
  /**
   * What speaks WebSocket: `"direct"` (the default), our own codec, which costs less processor time
   * per frame, or `"ws"`, the npm package of that name, which is loaded with the first connection
   * made with it. Both take the same options but {@link ws}, and fail alike; `directConnector` says
   * what differs. On Bun `"ws"` is refused.
   *
   * For a connector of your own, use `stack()` of `@oath-ws/resilience`.
   */
  readonly transport?: "direct" | "ws" | undefined;
  /**
   * TLS settings (`ca`, `cert`, `key`, `servername`, ...). Verification is on unless
   * `rejectUnauthorized: false` says otherwise.
   */
  readonly tls?: WsConnectorOptions["tls"];
  /**
   * A proxy to go through: a URL, or `"env"` to obey `http_proxy`, `https_proxy`, `all_proxy` and
   * `no_proxy`. Default none.
   */
  readonly proxy?: WsConnectorOptions["proxy"];
  /**
   * How the socket is dialled and what is spoken over it, for either transport: `agent`,
   * `perMessageDeflate`, `skipUTF8Validation`, `localAddress`, `lookup`, ...
   */
  readonly socket?: WsConnectorOptions["socket"];
  /**
   * What npm `ws` alone understands (`concurrencyLimit`). Beside the transport `"direct"` each of
   * them is refused by name.
   */
  readonly ws?: WsConnectorOptions["ws"];
}

/** Options of `open()`; in `build()` they would be ignored. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["protocols", "belongs into the handshake"],
  ["headers", "belongs into the handshake"],
  ["signal", "belongs into the options of connect()"],
  ["awaitFirst", "belongs into the options of connect()"],
  ["name", "belongs into the options of connect()"],
]);

/** What a stack is assembled over. */
export interface BuildPlatform {
  readonly seams: Omit<
    StackOptions,
    "leaf" | "config" | "auth" | "classify" | "gate" | "tracer" | "layers"
  >;
  /** For connectors that bring none. */
  readonly gate: Gate;
}

const NODE: BuildPlatform = { seams: nodeSeams, gate: sharedGate };

/** Longer than anyone waits for a closing handshake, in milliseconds. */
const LEAF_CLOSE_TIMEOUT_MS = 3_600_000;

/**
 * The stack over a leaf and Node's clocks, for making many connections with the same settings.
 *
 * @throws ConfigError listing everything that is wrong with the options, unknown ones included
 */
export function build(options?: BuildOptions): ReconnectingConnector {
  return stack(stackOptions(options, unknownOptionIssues(options, BUILD_KEYS, HINTS)));
}

/**
 * Checks the options of {@link build}, and makes those of `stack()` of them.
 *
 * @param issues what the caller has found wrong already
 * @param platform default: Node's clocks, and the process's gate
 * @throws ConfigError with those issues and all others
 */
export function stackOptions(
  options: BuildOptions | undefined,
  issues: ConfigIssue[],
  platform: BuildPlatform = NODE,
): StackOptions {
  const timer = platform === NODE ? undefined : platform.seams.timer;
  // The stack bounds every close itself; the leaf's own bound only has to be no shorter.
  const { config, leaf } = buildParts(options, issues, () => LEAF_CLOSE_TIMEOUT_MS, timer);
  return {
    leaf,
    config,
    ...platform.seams,
    auth: options?.auth,
    classify: options?.classify,
    gate: options?.gate ?? platform.gate,
    tracer: diagnosticsTracer(options?.tracer),
  };
}
