import type { MuteRule } from "@oath-ws/venue-kit";
import { parseStreamName } from "../market/stream-name.js";
import type { Encoding } from "../market/stream-name.js";
import { streamRules } from "../market/stream-rules.js";
import type { Silence } from "../market/stream-rules.js";

/** How many streams of a kind have to be silent together, so that their connection is mute. */
const ENOUGH: Readonly<Record<Silence, number>> = {
  rhythm: 1,
  book: 2,
  trades: 100,
  none: Number.POSITIVE_INFINITY,
};

/** Silence of a whole connection after which it may be mute, in milliseconds. */
export const MUTE_AFTER_MS = 60_000;

/**
 * When a connection is mute: nothing came on it for so long, and among its streams is one with a
 * rhythm, or two that follow quotes, or a hundred that follow trades. A symbol that trades once in
 * two hours never has its connection replaced by itself.
 */
export function muteRule(afterMs: number, encoding: Encoding = "json"): MuteRule {
  return {
    afterMs,
    maxAfterMs: Math.max(afterMs, 3_600_000),
    calmMs: 6 * 3_600_000,
    isTelling: (streams) => isMuteEvidence(streams, encoding),
  };
}

/** Whether the silence of all these streams together says that their connection is mute. */
function isMuteEvidence(streams: readonly string[], encoding: Encoding): boolean {
  const silent: Record<Silence, number> = { rhythm: 0, book: 0, trades: 0, none: 0 };
  return streams.some((name) => {
    const { silence } = streamRules(parseStreamName(name, encoding).kind);
    return ++silent[silence] >= ENOUGH[silence];
  });
}
