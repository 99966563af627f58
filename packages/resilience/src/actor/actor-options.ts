import type {
  Bind,
  ConnectionIdentity,
  EndpointSource,
  Handshake,
  Spawn,
  Timer,
  WsConnector,
} from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import type { Supervisor } from "../core/supervisor.js";
import type { HeartbeatHooks } from "../layers/heartbeat.js";
import type { Trace } from "../core/trace.js";

/** What the actor is built from. */
export interface ActorOptions {
  readonly config: ResilienceConfig;
  /** The leaf with the connect layers and the heartbeat around it. */
  readonly connector: (hooks: HeartbeatHooks) => WsConnector;
  /** The leaf itself, for what it knows beyond its connections. */
  readonly leaf: Pick<WsConnector, "lingeringSockets">;
  readonly handshake: Omit<Handshake, "url">;
  /** Asked for the endpoints before each round, when there is one. */
  readonly source: EndpointSource | undefined;
  readonly timer: Timer;
  readonly spawn: Spawn;
  readonly trace: Trace;
  readonly supervisor: Supervisor;
  readonly connection: ConnectionIdentity;
  readonly bind: Bind;
  /** Sent as text in place of a ping where the leaf has none. */
  readonly probe: string | undefined;
  /** Called when the connection is over. */
  readonly onFinish: () => void;
}
