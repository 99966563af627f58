import type { HeartbeatOptions } from "@oath-ws/venue-kit";
import { withDefaults } from "./with-defaults.js";

/** When a connection's silence counts. */
export interface PulseOptions {
  /**
   * Milliseconds from one `tic` to the next. Default 55 000: the venue wants one a minute (I-12).
   */
  readonly ticEveryMs?: number | undefined;
  /**
   * Without a heartbeat and without an answer to a `tic` for so long every topic is `stale`, in
   * milliseconds. Default 21 000: two heartbeats were missed (I-21).
   */
  readonly staleAfterMs?: number | undefined;
  /**
   * Without either for so long the connection is replaced, in milliseconds. Default 31 000: three
   * heartbeats were missed. It doubles, up to 10 minutes, while connections stay mute.
   */
  readonly deadAfterMs?: number | undefined;
  /**
   * Where neither was ever heard, the connection is replaced when nothing at all was said on it
   * for so long, in milliseconds. Default 120 000: two `tic`s were not answered.
   */
  readonly idleAfterMs?: number | undefined;
}

export const PULSE: { readonly [K in keyof PulseOptions]-?: number } = {
  ticEveryMs: 55_000,
  staleAfterMs: 21_000,
  deadAfterMs: 31_000,
  idleAfterMs: 120_000,
};

/** The message that keeps the WebSocket side of a connection awake; the venue answers it. */
export const TIC = "tic";

/** A `tic` that is to show whether the venue speaks is said so long before that is judged. */
const ASK_BEFORE_MS = 2_000;

/**
 * How the kit judges whether the venue still speaks: pongs come from a connection that is mute as
 * well. The venue has two rhythms, a heartbeat every 10 s and an answer to each `tic`; either is a
 * sign of life. When heartbeats are missing, `tic` is said between the regular ones, so that a
 * connection without any sign has lost both. Other frames are no sign: a symbol may be quiet for
 * hours. Where no rhythm was ever heard, any frame counts, and silence is judged much later.
 */
export function heartbeatOf(pulse: PulseOptions | undefined): HeartbeatOptions {
  const { staleAfterMs, deadAfterMs, idleAfterMs } = withDefaults(PULSE, pulse);
  const afterMs = staleAfterMs - Math.min(ASK_BEFORE_MS, staleAfterMs / 2);
  return {
    staleAfterMs,
    deadAfterMs,
    idleAfterMs,
    calmMs: 0,
    expectedFrom: "greeted",
    ask: { afterMs, message: TIC },
  };
}
