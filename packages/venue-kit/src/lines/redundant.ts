import { ConfigError } from "@oath-ws/contract";
import type { Subscription } from "../topic/subscription.js";
import { heldRange, joinChecked, refusal } from "./join-options.js";
import type { JoinOptions } from "./join-options.js";
import type { JoinedSubscription } from "./joined-subscription.js";

/**
 * Reads one topic over several lines: subscriptions of two feeds, adapters, endpoints or machines.
 * The first arrival of each id is delivered, whichever line brings it, and a gap is only what all
 * of them missed. Nothing else may read the lines; closing the result closes them. It ends when all
 * have ended, and fails with the error of the last one.
 *
 * ```ts
 * const trades = redundant([one.subscribe("x"), other.subscribe("x")], { timer });
 * for (const { first, lead } of trades.lines) console.log(first, lead?.medianMs);
 * ```
 *
 * @throws WsError `LINES_REFUSED` for a topic that the venue gives to one connection only, or whose
 *   ids are not consecutive or do not hold over connections; ConfigError for fewer than two lines,
 *   for lines of one connection or of different topics, and for options that cannot work
 */
export function redundant<T>(
  lines: readonly Subscription<T>[],
  options: JoinOptions<T>,
): JoinedSubscription<T> {
  const [first, ...others] = lines;
  if (first === undefined || others.length === 0)
    throw new ConfigError([{ path: "lines", message: "must be two subscriptions or more" }]);
  for (const line of lines) {
    const { lines: allowed } = line.rules ?? {};
    if (allowed === "one") throw refusal(line, "the venue gives it to one connection at a time");
    if (allowed === undefined)
      throw refusal(line, "it does not state that several connections may carry it");
  }
  const ranges = lines.map(heldRange);
  if (new Set(lines.map(({ state }) => state)).size < lines.length)
    throw new ConfigError([
      { path: "lines", message: "must be of different feeds: two of them share a connection" },
    ]);
  if (others.some(({ topic }) => topic !== first.topic))
    throw new ConfigError([{ path: "lines", message: "must all be of the same topic" }]);
  const range = ranges[0] ?? heldRange(first);
  return joinChecked([first, ...others], range, options);
}
