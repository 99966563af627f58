/** How many topics one connection carries. More are spread over further connections. */
export interface TopicLimits {
  /** Topics of all channels together. */
  readonly maxTopicsPerConnection: number;
  /** Further limits for the topics of single channels. Default: none. */
  readonly channelLimits?: ChannelLimits | undefined;
}

/** Limits for the topics of single channels on one connection. */
export interface ChannelLimits {
  /** The channel of a topic, by its name. */
  readonly channelOf: (topic: string) => string;
  /** Topics by channel; a channel that is not named has no limit of its own. */
  readonly max: Readonly<Record<string, number>>;
}

/** The topics of one connection by channel. */
export class ChannelCount {
  readonly #limits: ChannelLimits | undefined;
  readonly #counts = new Map<string, number>();

  constructor(limits: ChannelLimits | undefined) {
    this.#limits = limits;
  }

  add(topic: string, count: 1 | -1): void {
    const channel = this.#limits?.channelOf(topic);
    if (channel !== undefined) this.#counts.set(channel, (this.#counts.get(channel) ?? 0) + count);
  }

  /**
   * Whether one more topic of this one's channel fits in.
   *
   * @param atVenue the topics that the venue still counts, with or without those that are known
   */
  hasRoom(topic: string, atVenue: () => Iterable<string>): boolean {
    const limits = this.#limits;
    const channel = limits?.channelOf(topic);
    if (limits === undefined || channel === undefined) return true;
    const max = limits.max[channel] ?? Number.POSITIVE_INFINITY;
    if ((this.#counts.get(channel) ?? 0) >= max) return false;
    if (max === Number.POSITIVE_INFINITY) return true;
    let count = 0;
    for (const other of atVenue()) if (limits.channelOf(other) === channel) count++;
    return count < max;
  }
}
