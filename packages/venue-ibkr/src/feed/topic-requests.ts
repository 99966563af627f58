import { WsError } from "@oath-ws/contract";
import type { TopicWatch } from "@oath-ws/venue-kit";
import type { TopicName } from "./topic-name.js";

interface Holder {
  readonly topic: TopicName;
  /** What it was asked with, as text. */
  readonly parameters: string;
  readonly state: TopicWatch;
}

/** The topics that are held, each until its state is final. */
export class TopicHolders {
  readonly #onReleased: (topic: string) => void;
  readonly #holders = new Map<string, Holder>();
  /** Topics that are stale because the whole connection is mute. */
  readonly #silenced = new Set<TopicWatch>();

  constructor(onReleased: (topic: string) => void) {
    this.#onReleased = onReleased;
  }

  get all(): readonly Holder[] {
    return Array.from(this.#holders.values()).filter(({ state }) => !state.isFinal);
  }

  has(name: string): boolean {
    return this.#holders.get(name)?.state.isFinal === false;
  }

  of(name: string): Holder | undefined {
    return this.has(name) ? this.#holders.get(name) : undefined;
  }

  /**
   * A topic is held; somebody may hold it already.
   *
   * @param onStale called when it falls silent by itself
   */
  add(
    topic: TopicName,
    parameters: object | undefined,
    state: TopicWatch,
    onStale: () => void,
  ): void {
    if (this.#holders.get(topic.name)?.state === state) return;
    this.#holders.set(topic.name, { topic, parameters: JSON.stringify(parameters ?? null), state });
    void this.#follow(topic.name, state, onStale);
  }

  /** The connection is mute: nothing on it is fresh. */
  silence(): void {
    for (const { state } of this.#holders.values()) {
      if (state.snapshot.phase !== "live") continue;
      this.#silenced.add(state);
      state.enter("stale");
    }
  }

  /** It speaks again. */
  revive(): void {
    for (const state of this.#silenced) if (state.snapshot.phase === "stale") state.enter("live");
    this.#silenced.clear();
  }

  async #follow(name: string, state: TopicWatch, onStale: () => void): Promise<void> {
    for (let seen = state.snapshot; !state.isFinal; seen = state.snapshot) {
      if (seen.phase === "stale" && !this.#silenced.has(state)) onStale();
      if (seen.phase === "recovering") this.#silenced.delete(state);
      await state.changed({ since: seen });
    }
    this.#silenced.delete(state);
    // It may be held anew already.
    if (this.#holders.get(name)?.state !== state) return;
    this.#holders.delete(name);
    this.#onReleased(name);
  }
}

/** What the venue serves at once. */
export interface TopicLimits {
  readonly lines: number;
  readonly histories: number;
}

/** @throws WsError `LINES_EXHAUSTED`, `HISTORIES_EXHAUSTED` or `TOPIC_CONFLICT` */
export function checkSubscribable(
  topic: TopicName,
  parameters: object | undefined,
  holders: TopicHolders,
  limits: TopicLimits,
): void {
  const known = holders.of(topic.name);
  if (known !== undefined) {
    // Fields add up; histories and days cannot.
    if (topic.kind !== "smd" && known.parameters !== JSON.stringify(parameters ?? null)) {
      throw refusal(
        "client",
        "TOPIC_CONFLICT",
        `${topic.name} is held with other options; close it first`,
      );
    }
    return;
  }
  const held = (kind: TopicName["kind"]): number =>
    holders.all.filter((holder) => holder.topic.kind === kind).length;
  if (topic.kind === "smd" && held("smd") >= limits.lines) {
    throw refusal(
      "throttled",
      "LINES_EXHAUSTED",
      `all ${limits.lines} market data lines are held; close one first`,
    );
  }
  if (topic.kind === "smh" && held("smh") >= limits.histories) {
    throw refusal(
      "throttled",
      "HISTORIES_EXHAUSTED",
      "the venue serves no more histories at once; close one first",
    );
  }
  const [account] = topic.args;
  // The venue cancels ladders by account alone.
  if (
    topic.kind === "sbd" &&
    holders.all.some((other) => other.topic.kind === "sbd" && other.topic.args[0] === account)
  ) {
    throw refusal(
      "client",
      "TOPIC_CONFLICT",
      "there is one ladder for each account; close the other one first",
    );
  }
}

function refusal(kind: "client" | "throttled", code: string, message: string): WsError {
  return new WsError({ kind, code, message });
}
