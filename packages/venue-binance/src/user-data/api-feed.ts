import type { Tracer } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import { Feed, firewallPasses, mergeConfig } from "@oath-ws/venue-kit";
import type {
  Keepalive,
  Login,
  RenewalOptions,
  VenueClock,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import { RENEWAL } from "../feed/market-settings.js";
import type { WeightBudget } from "../rest/weight-budget.js";
import { UserDataGrammar } from "./user-data-grammar.js";
import { USER_DATA_COMMANDS, USER_DATA_CONFIG } from "./user-data-settings.js";

/** What callers may say of their connections to the WebSocket API. */
export interface ApiFeedOptions {
  readonly runtime: VenueRuntime;
  readonly renewal?: Partial<RenewalOptions> | undefined;
  readonly config?: PartialConfig | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** How such a connection is used. */
interface ApiFeedParts {
  /** Scheme, host and port, without a slash at the end. */
  readonly url: string;
  readonly clock: VenueClock;
  readonly budget: WeightBudget;
  readonly login: Login;
  readonly keepalive?: Keepalive | undefined;
}

/** A feed over the WebSocket API, of one topic. */
export function apiFeed(
  { runtime, renewal, config, gate, tracer, onFault }: ApiFeedOptions,
  { url, clock, budget, login, keepalive }: ApiFeedParts,
): Feed {
  return new Feed({
    runtime,
    settings: {
      config: mergeConfig(USER_DATA_CONFIG, config),
      classify: firewallPasses,
      gate,
      tracer,
    },
    handshake: { url: `${url}/ws-api/v3?returnRateLimits=false`, protocols: [], headers: {} },
    grammar: new UserDataGrammar({ venueNow: () => clock.now(), budget }),
    login,
    keepalive,
    commands: USER_DATA_COMMANDS,
    maxTopicsPerConnection: 1,
    renewal: { ...RENEWAL, ...renewal },
    onFault,
  });
}
