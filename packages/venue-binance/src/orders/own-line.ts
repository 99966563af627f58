import type { Login } from "@oath-ws/venue-kit";
import { VenueClock } from "@oath-ws/venue-kit";
import { REST_TIMEOUT_MS } from "../rest/rest-settings.js";
import { RestClient } from "../rest/rest-client.js";
import { sharedBudget } from "../rest/shared-budget.js";
import type { WeightBudget } from "../rest/weight-budget.js";
import { AccountClient } from "../user-data/account-client.js";
import { apiFeed } from "../user-data/api-feed.js";
import type { ApiFeedOptions } from "../user-data/api-feed.js";
import type { ApiLine } from "../user-data/api-line.js";
import type { Credentials } from "../user-data/credentials.js";
import { askTime, CONNECTION_WEIGHT } from "../user-data/user-data-login.js";

/** What a line of one's own is made of. */
export interface OwnLineOptions extends ApiFeedOptions {
  readonly credentials: Credentials;
  /** Both without a slash at the end. */
  readonly url: string;
  readonly restUrl: string;
  readonly budget?: WeightBudget | undefined;
}

/** Holds the connection open; nothing comes on it. */
const TOPIC = "calls";

/**
 * A connection to the WebSocket API for requests alone. Every request is signed by itself, so the
 * only thing that happens on a new one is that the clocks are compared.
 */
export function ownLine(options: OwnLineOptions): ApiLine {
  const { runtime, credentials, url, restUrl } = options;
  const { timer, fetch } = runtime;
  const budget = options.budget ?? sharedBudget(timer, restUrl);
  const clock = new VenueClock(timer);
  const login: Login = {
    run: async (context) => {
      budget.charge(CONNECTION_WEIGHT + 1);
      await clock.compare(() => askTime(context));
    },
    classify: () => "transient",
  };
  const feed = apiFeed(options, { url, clock, budget, login });
  const held = feed.subscribe(TOPIC, { identity: () => 0, range: undefined });
  const rest = new RestClient({ url: restUrl, fetch, timer, budget, timeoutMs: REST_TIMEOUT_MS });
  return {
    credentials,
    clock,
    budget,
    client: new AccountClient({ rest, credentials, clock }),
    state: held.state,
    call: (encode, context) => feed.call(encode, context),
    hear: () => () => undefined,
    shutdown: () => feed.shutdown(),
  };
}
