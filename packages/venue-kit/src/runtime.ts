import type { AuthSource, Classify, Random, ReconnectingConnector, Timer, Tracer } from "@oath-ws/contract";
import type { AttemptGate, PartialConfig } from "@oath-ws/resilience";

/** The settings that an adapter gives its connections. */
export interface ConnectorSettings {
  readonly config?: PartialConfig | undefined;
  readonly auth?: AuthSource | undefined;
  readonly classify?: Classify | undefined;
  readonly gate?: AttemptGate | undefined;
  readonly tracer?: Tracer | undefined;
  /** What the venue's frames ask of whatever speaks WebSocket, by the names of `oath-ws`. A platform that has no such choice ignores it. */
  readonly ws?: { readonly skipUTF8Validation?: boolean | undefined } | undefined;
}

/** What an adapter needs of the platform to hold connections. `nodeRuntime` of `oath-ws` is one; a test builds its own over virtual time. */
export interface VenueRuntime {
  build(settings: ConnectorSettings): ReconnectingConnector;
  readonly timer: Timer;
  readonly random: Random;
}
