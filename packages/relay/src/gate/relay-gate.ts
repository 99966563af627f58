import { ConfigError } from "@oath-ws/contract";
import { callback, elapsedTimer, optionIssues, unchecked } from "@oath-ws/venue-kit";
import type { OptionRules } from "@oath-ws/venue-kit";
import { nodeRuntime, StoreGate } from "oath-ws";
import type { Gate } from "oath-ws";
import { NatsKeys } from "../engine/nats-keys.js";
import { natsOptionsOf } from "../engine/nats-options.js";
import type { NatsOptions } from "../engine/nats-options.js";
import { openBucketOnly } from "../engine/open-nats.js";
import { guarded } from "../guarded.js";
import { engineIssues } from "../relay-options.js";
import { KeyAttemptStore } from "./key-attempt-store.js";

/** Options of {@link relayGate}. */
export interface RelayGateOptions {
  /** The NATS server: an address, or its options. */
  readonly nats: NatsOptions | string;
  /** How connections are grouped into budgets. Default: the URL's host and port. */
  readonly key?: ((url: string) => string) | undefined;
  /**
   * Told of each attempt that the store could not be asked for: a `WsError` such as
   * `RELAY_UNREACHABLE`, or `RELAY_FORMAT` for contents that no relay of this version wrote. The
   * gate goes by a budget of its own meanwhile. What it throws is ignored. Default: nothing is
   * told.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const RULES: OptionRules<RelayGateOptions> = {
  nats: unchecked,
  key: callback,
  onFault: callback,
};

/** A gate that processes share, and the connection to its store. */
export interface RelayGate extends AsyncDisposable {
  /** For the `gate` option of `open()`, `build()` and the adapters. */
  readonly gate: Gate;
  /** Closes the connection to the store. The gate goes on with a budget of its own. */
  close(): Promise<void>;
}

/**
 * Makes an attempt gate that all relays of one address share, over the key-value store of NATS.
 * While the store does not answer within 2 s, each process goes by a budget of its own:
 * `attempts.max` divided by the members last seen, at least 1.
 *
 * @throws ConfigError for options that cannot work; WsError as `relay` does /
 */
export async function relayGate(options: RelayGateOptions): Promise<RelayGate> {
  const issues = [
    ...optionIssues<RelayGateOptions>(options ?? null, RULES),
    ...engineIssues(options),
  ];
  if (issues.length > 0) throw new ConfigError(issues);
  const { nats, key, onFault } = options;
  const { timer, newId } = nodeRuntime;
  const { kv, connection } = await openBucketOnly(natsOptionsOf(nats));
  const store = new KeyAttemptStore(
    new NatsKeys(kv),
    elapsedTimer(timer),
    newId(),
    guarded(onFault),
  );
  const close = (): Promise<void> => connection.close();
  return { gate: new StoreGate({ store, timer, key }), close, [Symbol.asyncDispose]: close };
}
