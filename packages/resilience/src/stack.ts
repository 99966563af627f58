import type {
  AuthSource,
  Bind,
  CancelSignal,
  Classify,
  ConfigIssue,
  ConnectionIdentity,
  ConnectRequest,
  NewId,
  ObservedConnection,
  Random,
  ReconnectingConnection,
  ReconnectingConnectOptions,
  ReconnectingConnector,
  Spawn,
  Surroundings,
  Timer,
  Tracer,
  WsConnector,
} from "@oath-ws/contract";
import { ConfigError, isTerminal } from "@oath-ws/contract";
import { ConnectionActor } from "./actor/actor.js";
import { ConnectionHandle } from "./actor/handle.js";
import { shutDown } from "./actor/failures.js";
import { collectIssues } from "./collect-issues.js";
import type { PartialConfig, ResilienceConfig } from "./config.js";
import { resolveConfig } from "./config.js";
import { AttemptGate } from "./core/attempt-gate.js";
import { ConnectionNames, nameFault } from "./core/connection-names.js";
import type { Gate } from "./core/gate.js";
import { defaultClassify } from "./core/default-classify.js";
import { Supervisor } from "./core/supervisor.js";
import type { OnStep } from "./core/tables.js";
import { auth } from "./layers/auth.js";
import { compose } from "./layers/layer.js";
import { tracing } from "./actor/tracing.js";
import { stackIssues } from "./seam-issues.js";
import { boundHooks, runIn, UNBOUND } from "./primitives/hooks.js";
import type { Run } from "./primitives/hooks.js";
import { cancelled } from "./primitives/cancelled.js";
import { waitClock } from "./primitives/wait-clock.js";
import { requestedEndpoints } from "./requested-endpoints.js";
import type { RequestedEndpoints } from "./requested-endpoints.js";

/**
 * What {@link stack} is assembled from. The seams have no defaults here: `oath-ws` supplies those
 * of Node.
 */
export interface StackOptions {
  /** Opens one connection, once. */
  readonly leaf: WsConnector;
  /** Any part of the configuration; see `ResilienceConfig` for the defaults. */
  readonly config?: PartialConfig | undefined;
  readonly timer: Timer;
  readonly spawn: Spawn;
  readonly random: Random;
  /** Names connections; see `ConnectionIdentity`. */
  readonly newId: NewId;
  /**
   * Keeps hooks, listeners and sockets in the async context in which they were given or opened.
   * Default: they run in that of their cause, for platforms without such contexts.
   */
  readonly bind?: Bind | undefined;
  /**
   * Shared with other connectors to number connections of the same name together. Default: one for
   * this connector.
   */
  readonly names?: ConnectionNames | undefined;
  /**
   * Called with each connection as it is made, before its first attempt. It must not throw. Keep
   * what it is given weakly: it lives as long as the connection.
   */
  readonly onConnection?: ((connection: ObservedConnection) => void) | undefined;
  /**
   * What the platform reports of its network and of its own sleep. Default: nothing. While it is
   * offline the snapshot waits for `network`, and nothing is dialled but for one attempt a minute;
   * when it is online again the next attempt begins at once, as far as the gate lets it. An open
   * socket is probed when the platform is online again or awake.
   */
  readonly surroundings?: Surroundings | undefined;
  /**
   * Text that is sent in place of a ping over a leaf without control frames, charged to the send
   * limit: something that the server answers, a venue's own ping. Default: nothing is sent.
   */
  readonly probe?: string | undefined;
  /** Asked for credentials on every attempt. Default: the handshake goes out as it is. */
  readonly auth?: AuthSource | undefined;
  /** Default: {@link defaultClassify}. */
  readonly classify?: Classify | undefined;
  /** Shared with other connections to count attempts together. Default: one for this connector. */
  readonly gate?: Gate | undefined;
  /** Told what happens. Default: no tracer. */
  readonly tracer?: Tracer | undefined;
  /** Told of every step of the connection's tables, for simulations. Default: none is told. */
  readonly onStep?: OnStep | undefined;
}

/**
 * Assembles the resilience stack over a leaf (ADR-0033):
 *
 * ```
 * connect   tracing > reconnect > connect timeout > heartbeat > auth > leaf
 * receive   leaf > heartbeat > receive buffer > source
 * send      sink > rate limit > leaf
 * control   shutdown, forceReconnect > actor
 * ```
 *
 * @throws ConfigError listing everything that is wrong with `config`, and the methods that a seam
 *   lacks
 */
export function stack(options: StackOptions): ReconnectingConnector {
  const parts = stackParts(options, runIn(options.bind ?? UNBOUND));
  return {
    connect: (request, connectOptions) =>
      connectStack(parts, request, connectOptions, runIn(parts.bind)),
  };
}

/**
 * As `stack(options).connect(request, connectOptions)`, for a stack of one connection, which costs
 * less memory so: hooks and dials share one async context.
 *
 * @throws ConfigError as {@link stack} does
 */
export function connectOnce(
  options: StackOptions,
  request: ConnectRequest,
  connectOptions?: ReconnectingConnectOptions,
): Promise<ReconnectingConnection> {
  const run = runIn(options.bind ?? UNBOUND);
  return connectStack(stackParts(options, run), request, connectOptions, run);
}

/** Options that were checked, with what they leave out. Connections keep what they need of it. */
interface StackParts extends StackOptions {
  readonly settings: ResilienceConfig;
  /** The leaf, or what asks for credentials before it. */
  readonly authorised: WsConnector;
  readonly gate: Gate;
  readonly bind: Bind;
  readonly names: ConnectionNames;
}

function stackParts(options: StackOptions, run: Run): StackParts {
  const issues: ConfigIssue[] = [...stackIssues(options)];
  const settings = collectIssues(issues, () => resolveConfig(options.config));
  if (settings === undefined || issues.length > 0) throw new ConfigError(issues);
  const hooks = boundHooks(options, run);
  const { leaf, timer } = options;
  return {
    ...options,
    ...hooks,
    gate: hooks.gate ?? new AttemptGate(),
    bind: options.bind ?? UNBOUND,
    names: options.names ?? new ConnectionNames(),
    settings,
    authorised: hooks.auth === undefined ? leaf : compose(leaf, auth(hooks.auth, timer)),
  };
}

function connectStack(
  parts: StackParts,
  request: ConnectRequest,
  options: ReconnectingConnectOptions | undefined,
  run: Run,
): Promise<ReconnectingConnection> {
  const issues: ConfigIssue[] = [];
  let requested: RequestedEndpoints;
  try {
    requested = requestedEndpoints(request.url, parts.gate, issues);
  } catch (error) {
    return Promise.reject(error);
  }
  const signal = options?.signal;
  const nameIssue = nameFault(options?.name);
  if (nameIssue !== undefined) issues.push({ path: "name", message: nameIssue });
  if (issues.length > 0) return Promise.reject(new ConfigError(issues));
  if (signal?.aborted === true) return cancelled(signal);
  const registration = new Registration(parts.names, options?.name ?? requested.name);
  const connection = Object.freeze({ id: parts.newId(), name: registration.name });
  const actor = createActor(parts, request, requested, connection, registration, run);
  registration.watch(parts.surroundings, actor);
  parts.onConnection?.(actor.observer);
  parts.spawn.spawn(actor);
  actor.tell({ kind: "start" });
  const handle = new ConnectionHandle(actor, parts.settings);
  return options?.awaitFirst === false
    ? Promise.resolve(handle)
    : firstConnection(actor, handle, signal);
}

/** What a connection has given to the outside of its stack, and takes back when it is over. */
class Registration {
  readonly name: string;
  readonly #names: ConnectionNames;
  readonly #wanted: string;
  #unwatch: (() => void) | undefined = undefined;

  constructor(names: ConnectionNames, wanted: string) {
    this.#names = names;
    this.#wanted = wanted;
    this.name = names.take(wanted);
  }

  watch(surroundings: Surroundings | undefined, actor: ConnectionActor): void {
    this.#unwatch = surroundings?.watch((event) => {
      if (event !== "awake") actor.tell({ kind: "network", isOnline: event === "online" });
      if (event !== "offline") actor.doubt();
    });
  }

  end(): void {
    this.#names.release(this.name, this.#wanted);
    this.#unwatch?.();
  }
}

function createActor(
  parts: StackParts,
  { protocols, headers }: ConnectRequest,
  { urls, source: given }: RequestedEndpoints,
  connection: ConnectionIdentity,
  registration: Registration,
  run: Run,
): ConnectionActor {
  const { leaf, authorised, timer, spawn, random, gate, probe, bind, settings: config } = parts;
  const trace = tracing(parts.tracer, connection, timer);
  const supervisor: Supervisor = new Supervisor({
    connection,
    config,
    classify: parts.classify ?? defaultClassify,
    random,
    gate,
    granted: () => actor.tell({ kind: "granted" }),
    clock: waitClock(timer),
    urls,
    hasSource: given !== undefined,
    trace,
    now: timer.now(),
    onStep: parts.onStep,
  });
  // Like the hooks: in the async context of the caller who gave it.
  const source = given && { next: bind(given.next.bind(given)) };
  const handshake = { protocols, headers };
  // Without spreading, which would give the object of each connection a shape of its own.
  const actor: ConnectionActor = new ConnectionActor({
    config,
    leaf,
    authorised,
    handshake,
    source,
    probe,
    connection,
    registration,
    timer,
    spawn,
    bind,
    run,
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
      else if (isTerminal(phase)) reject(actor.failure ?? shutDown(actor.connection));
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
