/**
 * What a topic's payloads tell of their order. All of them are asked once per event and must not
 * allocate.
 */
export interface TopicRules<T> {
  /**
   * Equal for the same event on two connections, and for no two events within a few seconds: with
   * it the overlap of a planned renewal is sorted out.
   */
  readonly identity: (data: T) => number | string;
  /**
   * The first and the last id that the event covers, where the venue numbers a topic without holes.
   * With them gaps are exact and doubles are discarded; without, every break is a gap.
   */
  readonly range:
    | { readonly firstId: (data: T) => number; readonly lastId: (data: T) => number }
    | undefined;
  /**
   * The longest silence of the topic while its connection is well, in milliseconds, where the venue
   * has such a rhythm: a heartbeat channel, a symbol that always trades. Silent for longer, it is
   * `stale`; for twice as long, it speaks for a mute connection, which is remade when all topics on
   * it that have a rhythm are as silent. Default: none, silence proves nothing.
   */
  readonly rhythmMs?: number | undefined;
  /**
   * The venue's time of an event, in Unix milliseconds; `undefined` for an event without one. With
   * it readers learn how old an event is by the venue's clock. Default: no event has one.
   */
  readonly timeMs?: ((data: T) => number | undefined) | undefined;
  /**
   * How many connections of one user the venue lets carry the topic at once, over all processes and
   * machines. With `one`, the topic cannot be read over redundant lines. Default: not stated, and
   * then it cannot either.
   */
  readonly lines?: "many" | "one" | undefined;
  /**
   * Whether an event has the same ids on every connection and endpoint, and after a restart of our
   * process. Only then can lines be joined, gaps be filled and positions be stored. Default false.
   */
  readonly idsHold?: boolean | undefined;
}
