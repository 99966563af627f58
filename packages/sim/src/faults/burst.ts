/** A connection, as far as a burst is concerned. */
interface Follower {
  readonly eventsOffered: number;
  readonly link: { readonly ended: boolean };
}

/**
 * Moves the market until every one of these connections that is still open was offered so many
 * events more, or for at most so many steps. Returns the connections.
 */
export function burst<P extends Follower>(
  peers: readonly P[],
  frames: number,
  step: () => void,
  mostSteps: number = Number.POSITIVE_INFINITY,
): readonly P[] {
  const goals = peers.map((peer) => ({ peer, goal: peer.eventsOffered + frames }));
  const isMissed = ({ peer, goal }: (typeof goals)[number]): boolean =>
    !peer.link.ended && peer.eventsOffered < goal;
  for (let steps = 0; steps < mostSteps && goals.some(isMissed); steps++) step();
  return peers;
}
