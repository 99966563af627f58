/** Over which leaf of `open()` the connections of a run go. */
export const LEAF_CHOICES = ["ws", "direct", "both"] as const;
export type LeafChoice = (typeof LEAF_CHOICES)[number];

/**
 * The leaf of one connection of a run. With `both` it changes after every two of them, so that each
 * leaf has connections with a send limit and without; the seed says which leaf comes first.
 */
export function leafOf(
  choice: LeafChoice,
  seed: number,
  session: number,
): Exclude<LeafChoice, "both"> {
  if (choice !== "both") return choice;
  return (seed + Math.floor(session / 2)) % 2 === 0 ? "ws" : "direct";
}
