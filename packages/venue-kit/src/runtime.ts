import type { AuthSource, Classify, Random, ReconnectingConnector, Timer, Tracer } from "@oath-ws/contract";
import type { AttemptGate, PartialConfig } from "@oath-ws/resilience";

/** The settings that an adapter gives its connections. */
export interface ConnectorSettings {
  readonly config?: PartialConfig | undefined;
  readonly auth?: AuthSource | undefined;
  readonly classify?: Classify | undefined;
  readonly gate?: AttemptGate | undefined;
  readonly tracer?: Tracer | undefined;
}

/** What an adapter needs of the platform to hold connections. `nodeRuntime` of `oath-ws` is one; a test builds its own over virtual time. */
export interface VenueRuntime {
  build(settings: ConnectorSettings): ReconnectingConnector;
  readonly timer: Timer;
  readonly random: Random;
}
