import type { Handshake, Spawn, Timer, TraceEvent, WsConnector } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import type { Supervisor } from "../core/supervisor.js";
import type { HeartbeatHooks } from "../layers/heartbeat.js";

/** What the actor is built from. */
export interface ActorOptions {
  readonly config: ResilienceConfig;
  /** The leaf with the connect layers and the heartbeat around it. */
  readonly connector: (hooks: HeartbeatHooks) => WsConnector;
  readonly handshake: Handshake;
  readonly timer: Timer;
  readonly spawn: Spawn;
  readonly trace: (event: TraceEvent) => void;
  readonly supervisor: Supervisor;
}
