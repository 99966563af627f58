import type { ConfigIssue } from "@oath-ws/contract";
import { ConfigError, WsError } from "@oath-ws/contract";
import { fillGaps, unknownKeyIssues } from "@oath-ws/venue-kit";
import type {
  Backfill,
  JoinedSubscription,
  StreamPolicy,
  Subscription,
  VenueRuntime,
} from "@oath-ws/venue-kit";
import type { StreamName } from "../market/stream-name.js";
import type { RestClient } from "../rest/rest-client.js";
import { fetchOldTrades } from "./old-trades.js";
import type { FillableKind } from "./old-trades.js";

/** How holes of a trade stream are filled by REST; see `Backfill` of the kit for the defaults. */
export type BackfillOptions = Pick<
  Backfill<unknown>,
  "fillWithinMs" | "timeoutMs" | "tries" | "maxIds"
>;

/** A subscription with ids that are checked over restarts, and gaps that are filled. */
export interface FillOptions {
  /**
   * The last id that was read before, from `position` of the reader that read it. What the venue
   * published since is filled, or told in a gap record with reason `restart`.
   */
  readonly after?: number | undefined;
  /**
   * Fills holes of `<symbol>@trade` and `<symbol>@aggTrade` from the venue's REST API, within its
   * request weight: 25 and 4 for 1 000 ids (B-49). `true` for the defaults.
   */
  readonly backfill?: true | BackfillOptions | undefined;
}

/** Options of `subscribe` with which the result fills gaps. */
export type FillRequest =
  | (FillOptions & { readonly after: number })
  | (FillOptions & { readonly backfill: true | BackfillOptions });

const BACKFILL_KEYS: Readonly<Record<keyof BackfillOptions, true>> = {
  fillWithinMs: true,
  timeoutMs: true,
  tries: true,
  maxIds: true,
};

interface Parts<T> {
  readonly stream: StreamName;
  readonly subscription: Subscription<T>;
  readonly options: FillOptions;
  readonly policy: StreamPolicy | undefined;
  readonly rest: RestClient;
  readonly runtime: VenueRuntime;
  readonly timeUnit: "ms" | "us";
  readonly onFault: ((error: unknown) => void) | undefined;
}

/**
 * Reads a stream with its gaps filled. Closes the subscription when that cannot work.
 *
 * @throws WsError `BACKFILL_UNAVAILABLE` for a stream that REST does not have; as `fillGaps` does
 */
export function fillStream<T>(parts: Parts<T>): JoinedSubscription<T> {
  const { stream, subscription, options, policy, runtime } = parts;
  try {
    const issues = backfillIssues(options.backfill);
    if (issues.length > 0) throw new ConfigError(issues);
    const { timer } = runtime;
    const backfill = backfillOf(parts);
    return fillGaps(subscription, { timer, policy, after: options.after, backfill });
  } catch (error) {
    subscription.close();
    throw error;
  }

  function backfillIssues(backfill: FillOptions["backfill"]): ConfigIssue[] {
    return typeof backfill === "object"
      ? unknownKeyIssues(backfill, BACKFILL_KEYS, "backfill.")
      : [];
  }

  function backfillOf({ rest, timeUnit, onFault }: Parts<T>): Backfill<T> | undefined {
    const { backfill } = options;
    if (backfill === undefined) return undefined;
    const { kind, symbol = "" } = stream;
    if (!isFillable(kind)) {
      const message = `the venue's REST API has no events of ${stream.name}`;
      throw new WsError({ kind: "client", code: "BACKFILL_UNAVAILABLE", message });
    }
    const { timer, random } = runtime;
    return {
      ...(backfill === true ? {} : backfill),
      timer,
      random,
      onFault,
      // The kind decides the payload, which the type of the stream's name repeats.
      fetch: (range, signal) =>
        fetchOldTrades(rest, {
          kind,
          symbol: symbol.toUpperCase(),
          range,
          timeUnit,
          signal,
        }) as Promise<readonly unknown[]> as Promise<readonly T[]>,
    };
  }
}

function isFillable(kind: string): kind is FillableKind {
  return kind === "trade" || kind === "aggTrade";
}
