import type {
  ConfigIssue,
  ConnectionStats,
  Lifecycle,
  ReconnectingConnection,
  ReconnectTrigger,
  ShutdownOptions,
  WsControl,
  WsSink,
  FrameSource,
} from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { attribute } from "../core/attribute.js";
import { closeFault } from "../primitives/frame-fault.js";
import { guardedHeaders } from "../primitives/guarded-headers.js";
import type { ConnectionActor } from "./actor.js";
import { numberFault } from "../number-fault.js";

/** The caller's side of an actor, cut into the parts that different owners hold. */
export class ConnectionHandle implements ReconnectingConnection {
  readonly id: string;
  readonly name: string;
  readonly sink: WsSink;
  readonly source: FrameSource;
  readonly lifecycle: Lifecycle;
  readonly control: WsControl;
  readonly trigger: ReconnectTrigger;
  readonly #actor: ConnectionActor;

  constructor(actor: ConnectionActor, config: ResilienceConfig) {
    const { id, name, lifecycle, trigger } = actor.observer;
    this.id = id;
    this.name = name;
    this.sink = actor.sends;
    this.source = actor.source;
    this.lifecycle = lifecycle;
    this.control = new Control(actor, config);
    this.trigger = trigger;
    this.#actor = actor;
  }

  get protocol(): string {
    return this.#actor.inbound.protocol;
  }

  get headers(): Readonly<Record<string, string>> {
    return guardedHeaders(this.#actor.inbound.headers);
  }

  stats(): ConnectionStats {
    return this.#actor.stats();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.control.shutdown();
  }
}

class Control implements WsControl {
  readonly #actor: ConnectionActor;
  readonly #config: ResilienceConfig;
  #ended: Promise<void> | undefined = undefined;

  constructor(actor: ConnectionActor, config: ResilienceConfig) {
    this.#actor = actor;
    this.#config = config;
  }

  /** Idempotent by its promise, so it is no `async` function. */
  shutdown(options?: ShutdownOptions): Promise<void> {
    if (this.#ended !== undefined) return this.#ended;
    const issues = shutdownIssues(options);
    const actor = this.#actor;
    if (issues.length > 0)
      return Promise.reject(attribute(new ConfigError(issues), actor.connection));
    actor.tell({
      kind: "shutdown",
      timeoutMs: options?.timeoutMs ?? this.#config.shutdown.timeoutMs,
    });
    if (options?.code !== undefined || options?.reason !== undefined)
      actor.sends.closeWith(options.code, options.reason);
    return (this.#ended = untilOver(actor));
  }
}

async function untilOver(actor: ConnectionActor): Promise<void> {
  while (await actor.lifecycle.changed()) {
    // Only the end ends the wait.
  }
}

function shutdownIssues(options: ShutdownOptions | undefined): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const timeoutMs = options?.timeoutMs;
  const late = timeoutMs === undefined ? undefined : numberFault({ min: 0 }, timeoutMs);
  if (late !== undefined) issues.push({ path: "timeoutMs", message: late });
  const fault = closeFault(options?.code, options?.reason);
  if (fault !== undefined) issues.push({ path: "code/reason", message: fault });
  return issues;
}
