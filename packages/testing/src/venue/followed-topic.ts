import type { GapRecord, TopicEvent, TopicSnapshot } from "@oath-ws/venue-kit";
import type { TopicUnderTest } from "./venue-under-test.js";

/** A subscription, or the stream of an account. */
export interface Followed<Data> {
  readonly state: { readonly snapshot: TopicSnapshot };
  readonly gaps: readonly GapRecord[];
  take(): TopicEvent<Data> | undefined;
  readable(): Promise<boolean>;
}

/** A stream as the suite looks at it. */
export function followedTopic<Data>(
  source: Followed<Data>,
  read: (data: Data) => ReturnType<TopicUnderTest["read"]>,
  options: Pick<TopicUnderTest, "namesMissing">,
): TopicUnderTest {
  return {
    state: source.state,
    take: () => source.take(),
    readable: () => source.readable(),
    gaps: () => source.gaps,
    // What comes out of a stream is what it is a stream of.
    read: (data) => read(data as Data),
    ...options,
  };
}
