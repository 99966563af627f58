import type {
  AuthSource,
  CancelSignal,
  Classify,
  ConfigIssue,
  Handshake,
  Random,
  ReconnectingConnection,
  ReconnectingConnector,
  Spawn,
  Timer,
  TraceEvent,
  Tracer,
  WsConnector,
} from "@oath-ws/contract";
import { ConfigError, isTerminal, urlFault } from "@oath-ws/contract";
import { ConnectionActor } from "./actor/actor.js";
import { ConnectionHandle } from "./actor/handle.js";
import { shutDown } from "./actor/failures.js";
import { collectIssues } from "./collect-issues.js";
import type { PartialConfig, ResilienceConfig } from "./config.js";
import { resolveConfig } from "./config.js";
import { AttemptGate } from "./core/attempt-gate.js";
import type { Gate } from "./core/gate.js";
import { defaultClassify } from "./core/default-classify.js";
import { Supervisor } from "./core/supervisor.js";
import { auth } from "./layers/auth.js";
import { connectTimeout } from "./layers/connect-timeout.js";
import { heartbeat } from "./layers/heartbeat.js";
import type { HeartbeatHooks } from "./layers/heartbeat.js";
import { compose } from "./layers/layer.js";
import { tracing } from "./actor/tracing.js";
import { seamIssues } from "./seam-issues.js";
import { cancelled } from "./primitives/cancelled.js";
import { urlInvalid } from "./primitives/leaf-errors.js";

/**
 * What {@link stack} is assembled from. The seams have no defaults here: `oath-ws` supplies those
 * of Node.
 */
export interface StackOptions {
  /** Opens one connection, once. */
  readonly leaf: WsConnector;
  /** Any part of the configuration; see {@link ResilienceConfig} for the defaults. */
  readonly config?: PartialConfig | undefined;
  readonly timer: Timer;
  readonly spawn: Spawn;
  readonly random: Random;
  /** Asked for credentials on every attempt. Default: the handshake goes out as it is. */
  readonly auth?: AuthSource | undefined;
  /** Default: {@link defaultClassify}. */
  readonly classify?: Classify | undefined;
  /** Shared with other connections to count attempts together. Default: one for this connector. */
  readonly gate?: Gate | undefined;
  /** Told what happens. Default: nobody. */
  readonly tracer?: Tracer | undefined;
}

/**
 * Assembles the resilience stack over a leaf (ADR-0033):
 *
 * ```
 * connect   tracing > reconnect > connect timeout > auth > leaf
 * receive   socket > heartbeat > receive buffer > source
 * send      sink > rate limit > socket
 * ```
 *
 * @throws ConfigError listing everything that is wrong with `config`, and the methods that a seam
 *   lacks
 */
export function stack(options: StackOptions): ReconnectingConnector {
  const issues: ConfigIssue[] = [...seamIssues(options)];
  const config = collectIssues(issues, () => resolveConfig(options.config));
  if (config === undefined || issues.length > 0) throw new ConfigError(issues);
  const gate = options.gate ?? new AttemptGate();
  const trace = tracing(options.tracer);
  const authorised =
    options.auth === undefined
      ? options.leaf
      : compose(options.leaf, auth(options.auth, options.timer));
  // Outermost first. The heartbeat wraps what comes out, so its place among them is its distance
  // from the socket.
  const connector = (hooks: HeartbeatHooks): WsConnector =>
    compose(authorised, connectTimeout(options.timer, config.connect.timeoutMs), heartbeat(hooks));
  return {
    connect(handshake, connectOptions) {
      const fault = urlFault(handshake.url);
      if (fault !== undefined) return Promise.reject(urlInvalid(fault));
      const keyFault = gate.keyFault(handshake.url);
      if (keyFault !== undefined)
        return Promise.reject(new ConfigError([{ path: "gate.key", message: keyFault }]));
      const signal = connectOptions?.signal;
      if (signal?.aborted === true) return cancelled(signal);
      const actor = createActor({ ...options, gate }, config, connector, trace, handshake);
      options.spawn.spawn(actor);
      actor.tell({ kind: "start" });
      const handle = new ConnectionHandle(actor, config);
      return connectOptions?.awaitFirst === false
        ? Promise.resolve(handle)
        : firstConnection(actor, handle, signal);
    },
  };
}

function createActor(
  options: StackOptions & { readonly gate: Gate },
  config: ResilienceConfig,
  connector: (hooks: HeartbeatHooks) => WsConnector,
  trace: (event: TraceEvent) => void,
  handshake: Handshake,
): ConnectionActor {
  const { timer, spawn, random, gate } = options;
  const supervisor: Supervisor = new Supervisor({
    config,
    classify: options.classify ?? defaultClassify,
    random,
    gate,
    granted: () => actor.tell({ kind: "granted" }),
    url: handshake.url,
    trace,
    now: timer.now(),
  });
  const actor = new ConnectionActor({
    config,
    connector,
    handshake,
    timer,
    spawn,
    trace,
    supervisor,
  });
  return actor;
}

/** Waits until the connection is up, or until it has failed for good. */
function firstConnection(
  actor: ConnectionActor,
  handle: ReconnectingConnection,
  signal: CancelSignal | undefined,
): Promise<ReconnectingConnection> {
  const { lifecycle, control } = handle;
  return new Promise((resolve, reject) => {
    const settle = (): boolean => {
      const { epoch, phase } = lifecycle.snapshot;
      if (epoch > 0) resolve(handle);
      else if (isTerminal(phase)) reject(actor.failure ?? shutDown());
      else return false;
      signal?.removeEventListener("abort", onAbort);
      return true;
    };
    const onAbort = (): void => {
      signal?.removeEventListener("abort", onAbort);
      void control.shutdown({ timeoutMs: 0 });
      reject(signal?.reason);
    };
    const watch = (): void => {
      if (!settle()) void lifecycle.changed().then(watch);
    };
    signal?.addEventListener("abort", onAbort);
    watch();
  });
}
