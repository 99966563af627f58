import type { Tracer } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import {
  callback,
  checkOptions,
  duration,
  group,
  number,
  runtimeWith,
  required,
  rising,
  settingsOver,
  socketUrl,
  unchecked,
} from "@oath-ws/venue-kit";
import type { OptionRules, VenueRuntime } from "@oath-ws/venue-kit";
import type { SessionKeeper } from "../session/session-keeper.js";
import { LINES } from "./market-lines.js";
import type { LineOptions } from "./market-lines.js";
import { PULSE } from "./pulse.js";
import type { PulseOptions } from "./pulse.js";
import { IBKR_CONFIG, MAX_HISTORIES } from "./settings.js";

/** Options of `IbkrClient`. */
export interface IbkrOptions {
  /**
   * Connections, clocks and jitter: `nodeRuntime` of `oath-ws`, or what its `nodeRuntimeWith` gives
   * for a self-signed certificate.
   */
  readonly runtime: VenueRuntime;
  /** Keeps the session. It is the user's to shut down, after the client. */
  readonly session: SessionKeeper;
  /** Address of the WebSocket. Default `IBKR_URL`. */
  readonly url?: string | undefined;
  /** Market data lines that the user has, at most 10 000. Default 100. */
  readonly maxLines?: number | undefined;
  /** Histories at once. Default 5, the most that the venue serves. */
  readonly maxHistories?: number | undefined;
  /** When silence counts, and how often `tic` is said. */
  readonly pulse?: PulseOptions | undefined;
  /** When market data is asked for again. */
  readonly lines?: LineOptions | undefined;
  /**
   * How long the venue may take to greet before the connection is replaced, in milliseconds.
   * Default 10 000.
   */
  readonly greetingTimeoutMs?: number | undefined;
  /**
   * How long after a topic was asked for a refusal may come, in milliseconds: a topic that the
   * venue does not answer is `live` after so long, or with its first data. It is waited for longer
   * where refusals took longer. Default 2 000.
   *
   * Limit: a gateway that reads nothing for longer has not subscribed orders (`sor`) or profits
   * (`spl`) that are called live, and what happens until then is not told. On a slow line give
   * more.
   */
  readonly refusedWithinMs?: number | undefined;
  /** Laid over the venue's own settings, `IBKR_CONFIG`. */
  readonly config?: PartialConfig | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  /**
   * Told of frames that could not be read, of the venue's errors, and of failed reconciliations.
   * Default: no listener.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const RULES: OptionRules<IbkrOptions> = {
  runtime: runtimeWith("build", "fetch"),
  session: required(unchecked),
  maxLines: number({ min: 1, max: 10_000, whole: true }),
  maxHistories: number({ min: 1, max: MAX_HISTORIES, whole: true }),
  pulse: group<PulseOptions>(
    {
      ticEveryMs: duration,
      staleAfterMs: duration,
      deadAfterMs: duration,
      idleAfterMs: duration,
    },
    rising("staleAfterMs", "deadAfterMs", PULSE),
  ),
  lines: group<LineOptions>(
    { renewAfterMs: duration, expireAfterMs: duration },
    rising("renewAfterMs", "expireAfterMs", LINES),
  ),
  greetingTimeoutMs: duration,
  refusedWithinMs: number({ min: 0, max: 60_000 }),
  url: socketUrl,
  config: settingsOver(IBKR_CONFIG),
  gate: unchecked,
  tracer: unchecked,
  onFault: callback,
};

/** @throws ConfigError listing everything that is wrong with the options */
export function checkClientOptions(options: IbkrOptions): void {
  checkOptions(options, RULES);
}
