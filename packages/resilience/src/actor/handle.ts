import type { ConfigIssue, ReconnectingConnection, ShutdownOptions } from "@oath-ws/contract";
import { ConfigError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { closeFault } from "../layer/frame-fault.js";
import type { ConnectionActor } from "./actor.js";

/** The caller's side of an actor, cut into the parts that different owners hold. */
export function connectionHandle(actor: ConnectionActor, config: ResilienceConfig): ReconnectingConnection {
  let ended: Promise<void> | undefined;
  const shutdown = (options?: ShutdownOptions): Promise<void> => {
    if (ended !== undefined) return ended;
    const issues = shutdownIssues(options);
    if (issues.length > 0) return Promise.reject(new ConfigError(issues));
    actor.tell({ kind: "shutdown", timeoutMs: options?.timeoutMs ?? config.shutdown.timeoutMs });
    if (options?.code !== undefined || options?.reason !== undefined) actor.sends.closeWith(options.code, options.reason);
    ended = untilOver(actor);
    return ended;
  };
  return {
    sink: actor.sends,
    source: actor.source,
    lifecycle: actor.lifecycle,
    control: { shutdown },
    trigger: {
      forceReconnect: (reason) => {
        actor.tell({ kind: "force", reason });
      },
    },
    get protocol() {
      return actor.protocol;
    },
    [Symbol.asyncDispose]: () => shutdown(),
  };
}

async function untilOver(actor: ConnectionActor): Promise<void> {
  while (await actor.lifecycle.changed()) {
    // Only the end ends the wait.
  }
}

function shutdownIssues(options: ShutdownOptions | undefined): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const timeoutMs = options?.timeoutMs;
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs >= 0)) {
    issues.push({ path: "timeoutMs", message: `must be a finite number >= 0, got ${String(timeoutMs)}` });
  }
  const fault = closeFault(options?.code, options?.reason);
  if (fault !== undefined) issues.push({ path: "code/reason", message: fault });
  return issues;
}
