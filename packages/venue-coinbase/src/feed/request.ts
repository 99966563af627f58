/** A message to the venue, without its token: one channel each (C-2). */
export interface VenueRequest {
  readonly type: "subscribe" | "unsubscribe";
  readonly channel: string;
  readonly product_ids?: readonly string[];
}

/** The topics of a request, and the request. */
export interface TopicRequest {
  readonly topics: readonly string[];
  readonly request: VenueRequest;
}

/**
 * Channels that begin with a state and go on with changes: after a loss the state is needed again.
 */
export const STATEFUL: ReadonlySet<string> = new Set(["level2", "user", "futures_balance_summary"]);

/** The channel of a topic. */
export function channelOf(topic: string): string {
  const colon = topic.indexOf(":");
  return colon < 0 ? topic : topic.slice(0, colon);
}

/**
 * The requests, one for each channel, that subscribe or unsubscribe topics. `askedAs` gives the
 * product id to ask for.
 */
export function requestsFor(
  type: VenueRequest["type"],
  topics: readonly string[],
  askedAs: (topic: string) => string,
): readonly TopicRequest[] {
  const channels = new Map<string, string[]>();
  for (const topic of topics) {
    const channel = channelOf(topic);
    const group = channels.get(channel);
    if (group === undefined) channels.set(channel, [topic]);
    else group.push(topic);
  }
  return Array.from(channels, ([channel, group]) => {
    const hasProducts = group[0] !== channel;
    const request = hasProducts
      ? { type, channel, product_ids: group.map(askedAs) }
      : { type, channel };
    return { topics: group, request };
  });
}
