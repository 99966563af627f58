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
import type { Trace } from "../core/trace.js";
import type { Run } from "../primitives/hooks.js";

/** What the actor is built from. */
export interface ActorOptions {
  readonly config: ResilienceConfig;
  /** The leaf, or what asks for credentials before it. */
  readonly authorised: WsConnector;
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
  /** Calls in the async context in which the connection was opened. */
  readonly run: Run;
  /** Sent as text in place of a ping where the leaf has none. */
  readonly probe: string | undefined;
  /** Ended when the connection is over. */
  readonly registration: { end(): void };
}
