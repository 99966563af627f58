import { ConfigError, urlFault } from "@oath-ws/contract";
import type { Tracer } from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import { numberIssues, unknownKeyIssues } from "@oath-ws/venue-kit";
import type { VenueRuntime } from "@oath-ws/venue-kit";
import type { SessionKeeper } from "../session/session-keeper.js";
import type { LineOptions } from "./market-lines.js";
import type { PulseOptions } from "./pulse.js";
import { feedIssues, IBKR_URL } from "./settings.js";

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
   * How long the venue may take to greet before the connection is made anew, in milliseconds.
   * Default 10 000.
   */
  readonly greetingTimeoutMs?: number | undefined;
  /**
   * How long after a topic was asked for a refusal may come, in milliseconds: a topic that the
   * venue does not answer is `live` after so long, or with its first data. It is waited for longer
   * where refusals took longer. Default 2 000.
   */
  readonly refusedWithinMs?: number | undefined;
  /** Laid over the venue's own settings, `IBKR_CONFIG`. */
  readonly config?: PartialConfig | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  /**
   * Told of frames that could not be read, of the venue's errors, and of failed reconciliations.
   * Default: nobody.
   */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const KEYS: Readonly<Record<keyof IbkrOptions, true>> = {
  runtime: true,
  session: true,
  url: true,
  maxLines: true,
  maxHistories: true,
  pulse: true,
  lines: true,
  greetingTimeoutMs: true,
  refusedWithinMs: true,
  config: true,
  gate: true,
  tracer: true,
  onFault: true,
};

/** @throws ConfigError listing everything that is wrong with the options */
export function checkOptions(options: IbkrOptions): void {
  const issues = [
    ...unknownKeyIssues(options, KEYS),
    ...numberIssues(
      { ...options },
      {
        maxLines: { min: 1, max: 10_000, whole: true },
        maxHistories: { min: 1, max: 5, whole: true },
        greetingTimeoutMs: { min: 1 },
        refusedWithinMs: { min: 0, max: 60_000 },
      },
    ),
    ...feedIssues(options.pulse, options.lines),
  ];
  if (options.session === undefined) issues.push({ path: "session", message: "is required" });
  const fault = urlFault(options.url ?? IBKR_URL);
  if (fault !== undefined) issues.push({ path: "url", message: fault });
  if (issues.length > 0) throw new ConfigError(issues);
}
