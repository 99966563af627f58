import { setTimeout as pause } from "node:timers/promises";
import type { TopicSnapshot } from "@oath-ws/venue-kit";
import { Account } from "./account.js";
import type { ObservedRuntime } from "./observed-runtime.js";
import type { Stage, TopicUnderTest, VenueControls, VenueCounts } from "./venue-under-test.js";
import { expectThat } from "./violation.js";

const POLL_MS = 2;

/** A stage with everything that properties do with one. Whatever it waits for has a name, which is told when the wait is too long. */
export class Scene {
  readonly stage: Stage;
  readonly runtime: ObservedRuntime;
  readonly account: Account;
  #waitingFor = "nothing";
  #isOver = false;

  constructor(stage: Stage, runtime: ObservedRuntime) {
    this.stage = stage;
    this.runtime = runtime;
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

  /** What has not happened yet. */
  get waitingFor(): string {
    return this.#waitingFor;
  }

  /** Nobody waits any more. */
  end(): void {
    this.#isOver = true;
  }

  /** Waits until something holds. */
  async until(what: string, holds: () => boolean): Promise<void> {
    this.#waitingFor = what;
    while (!holds()) {
      expectThat(!this.#isOver, `given up while waiting for ${what}`);
      await pause(POLL_MS);
    }
  }

  /** Waits for a promise. */
  settled<T>(what: string, promise: Promise<T>): Promise<T> {
    this.#waitingFor = what;
    return promise;
  }

  async untilLive(): Promise<void> {
    await this.until("the topic to be live", () => this.state.phase === "live");
  }

  /** Reads until this item was delivered, or one behind it, keeping account of all. */
  async readUpTo(item: number): Promise<void> {
    while (this.account.lastItem < item) {
      const readable = await this.settled(`item ${item} after ${this.account.lastItem}`, this.topic.readable());
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
    for (let event = this.topic.take(); event !== undefined; event = this.topic.take()) this.account.enter(event);
  }
}
