import type {
  AuthSource,
  Classify,
  ConfigIssue,
  ReconnectingConnector,
  Surroundings,
  Tracer,
} from "@oath-ws/contract";
import type { Gate, PartialConfig, StackOptions } from "@oath-ws/resilience";
import { stack, unknownOptionIssues } from "@oath-ws/resilience";
import { BUILD_KEYS, buildParts } from "./build-parts.js";
import { sharedGate } from "./web-gate.js";
import type { WebSocketConstructorLike } from "./web-socket-like.js";

/** Options of {@link buildWeb}; every field is optional. */
export interface BuildWebOptions {
  /**
   * Any part of the resilience configuration. The defaults are those of `ResilienceConfig`, but for
   * `WEB_LIVENESS`.
   */
  readonly config?: PartialConfig | undefined;
  /** Asked for credentials on every attempt. In a browser it can edit URL and subprotocols only. */
  readonly auth?: AuthSource | undefined;
  /**
   * Decides which failures are permanent. Default: `defaultClassify`. The platform hides the status
   * of a refusal, so to it a 401 is a failure to connect, which passes; bound the tries with
   * `config.attempts.maxAttempts` where that matters.
   */
  readonly classify?: Classify | undefined;
  /** Counts connection attempts. Default: one gate for the whole page or process, per host. */
  readonly gate?: Gate | undefined;
  /**
   * Told what happens, synchronously, after the listeners of `webDiagnostics`. Default: faults of
   * callbacks are warnings on the console.
   */
  readonly tracer?: Tracer | undefined;
  /**
   * What is reported of the network and of our own sleep. Default: {@link webSurroundings}, the
   * events `online`, `offline`, `visibilitychange`, `resume` and `pageshow` of the page or worker.
   * While the platform says that it is offline, `waitingFor` in the snapshot is `network`, and
   * nothing is dialled but for one attempt a minute. Online again, the next attempt begins at once,
   * as far as the gate lets it; an open socket is probed then, and when the page is visible again.
   */
  readonly surroundings?: Surroundings | undefined;
  /**
   * Text that is sent in place of a ping into a silence of `liveness.probeAfterMs`, and when the
   * page is visible again: something that the server answers, such as the venue's own ping. It is
   * charged to the send limit. Default: none, for the platform's socket has no pings.
   */
  readonly probe?: string | undefined;
  /** Makes the sockets. Default: `globalThis.WebSocket`. */
  readonly WebSocket?: WebSocketConstructorLike | undefined;
  /**
   * The constructor takes `{ protocols, headers }`, as Bun's, Deno's and undici's do. Default
   * `false`.
   */
  readonly headersSupported?: boolean | undefined;
}

/**
 * The stack over the platform's WebSocket and clocks, for making many connections with the same
 * settings.
 *
 * @throws ConfigError listing everything that is wrong with the options, unknown ones included
 */
export function buildWeb(options?: BuildWebOptions): ReconnectingConnector {
  return stack(stackOptions(options, unknownOptionIssues(options, BUILD_KEYS)));
}

/**
 * Checks the options of {@link buildWeb}, and makes those of `stack()` of them.
 *
 * @param issues what the caller has found wrong, unknown options among it
 * @throws ConfigError with those issues and all others
 */
export function stackOptions(
  options: BuildWebOptions | undefined,
  issues: ConfigIssue[],
): StackOptions {
  const { config, stack: parts } = buildParts(options, issues);
  return {
    ...parts,
    config,
    auth: options?.auth,
    classify: options?.classify,
    gate: options?.gate ?? sharedGate,
  };
}
