import type { GapRecord, Subscription } from "@oath-ws/venue-kit";

/** The gaps of a stream behind the first `told`, as far as they are not forgotten. */
export function gapsSince(
  told: number,
  source: Pick<Subscription<unknown>, "gaps" | "gapCount">,
): readonly GapRecord[] {
  const fresh = source.gapCount - told;
  // Asked for at every event: readers of the market model put their gaps in order when asked.
  if (fresh === 0) return [];
  const { gaps } = source;
  return gaps.slice(Math.max(0, gaps.length - fresh));
}
