import type { TopicRules } from "@oath-ws/venue-kit";
import { flows, followTopic } from "@oath-ws/venue-kit";
import type { FeedRig } from "./feed-rig.js";
import type { Tick } from "./toy-venue.js";

/** Keeps the last value of a topic, and drops it with each recovery, as a book does. */
export class ValueFollower {
  readonly name: string;
  readonly close: () => void;
  #value: number | undefined;
  #trusted = 0;

  constructor(rig: FeedRig, name: string, rules: TopicRules<Tick>) {
    this.name = name;
    const subscription = rig.subscribe(name, rules);
    this.close = () => subscription.close();
    const following = followTopic(subscription, {
      moved: (before, now) => {
        if (now.recoveries === before.recoveries) return;
        this.#value = undefined;
        // What waits unread of the session that ended says nothing either.
        this.#trusted = flows(now) ? now.epoch : now.epoch + 1;
      },
      event: ({ data, epoch, isCurrent }) => {
        if (isCurrent && epoch >= this.#trusted) this.#value = data.n;
      },
    });
    following.catch(() => undefined).finally(() => (this.#value = undefined));
  }

  /** Whether a value is shown of a topic that no open connection was ever asked for. */
  isGhost(rig: FeedRig): boolean {
    const asked = rig.venue.open.flatMap(({ commands }) => commands);
    const isCarried = asked.some(
      (command) =>
        command.startsWith("sub ") && command.slice("sub ".length).split(",").includes(this.name),
    );
    return this.#value !== undefined && !isCarried;
  }
}
