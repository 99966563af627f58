import type { TopicSnapshot } from "@oath-ws/venue-kit";
import { Account } from "./account.js";
import type { ObservedRuntime } from "./observed-runtime.js";
import type { Patience } from "./patience.js";
import type { Stage, TopicUnderTest, VenueControls, VenueCounts } from "./venue-under-test.js";
import { expectThat } from "./violation.js";

/**
 * A stage with everything that properties do with one. They wait for nothing but through it: see
 * {@link Patience}.
 */
export class Scene {
  readonly stage: Stage;
  readonly runtime: ObservedRuntime;
  readonly account: Account;
  readonly #patience: Patience;

  constructor(stage: Stage, runtime: ObservedRuntime, patience: Patience) {
    this.stage = stage;
    this.runtime = runtime;
    this.#patience = patience;
    this.account = new Account(stage.topic);
  }

  get venue(): VenueControls {
    return this.stage.venue;
  }

  get topic(): TopicUnderTest {
    return this.stage.topic;
  }

  get state(): TopicSnapshot {
    return this.stage.topic.state.snapshot;
  }

  get counts(): VenueCounts {
    return this.stage.venue.counts();
  }

  /** Waits until something holds. */
  until(what: string, holds: () => boolean): Promise<void> {
    return this.#patience.until(what, holds);
  }

  /** Waits for a promise. */
  settled<T>(what: string, promise: Promise<T>): Promise<T> {
    return this.#patience.settled(what, promise);
  }

  async untilLive(): Promise<void> {
    await this.until("the topic to be live", () => this.state.phase === "live");
  }

  /** The venue falls mute. Waits until that is told. */
  async untilStale(): Promise<void> {
    this.venue.strike("mute");
    this.runtime.skip(this.stage.mute?.staleAfterMs ?? 0);
    await this.until("the topic to be stale", () => this.state.staleCount > 0);
  }

  /** Lets the silence last until the adapter does something about it. */
  keepSilence(): void {
    const { staleAfterMs, remadeAfterMs } = this.stage.mute ?? {
      staleAfterMs: 0,
      remadeAfterMs: 0,
    };
    this.runtime.skip(remadeAfterMs - staleAfterMs);
  }

  /** Reads until this item was delivered, or one behind it, keeping account of all. */
  async readUpTo(item: number): Promise<void> {
    while (this.account.lastItem < item) {
      const readable = await this.settled(
        `item ${item} after ${this.account.lastItem}`,
        this.topic.readable(),
      );
      expectThat(readable, `the stream ended before item ${item}`);
      this.#takeAll();
    }
  }

  /** Reads to the end of the stream. Rejects with what it failed with. */
  async readToEnd(): Promise<void> {
    while (await this.settled("the end of the stream", this.topic.readable())) this.#takeAll();
  }

  /** Publishes something and reads it: the topic works. */
  async readMore(): Promise<void> {
    await this.readUpTo(this.venue.publish(3));
  }

  #takeAll(): void {
    for (let event = this.topic.take(); event !== undefined; event = this.topic.take())
      this.account.enter(event);
  }
}
