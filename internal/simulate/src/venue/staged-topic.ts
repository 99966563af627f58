import type { StagedTopic } from "./stage.js";

/** A subscription of an adapter, whatever its payloads are, by the name of its topic. */
export function stagedTopic(subscription: unknown, prefix = ""): StagedTopic {
  const topic = subscription as StagedTopic & { readonly topic: string };
  return Object.assign(topic, { name: `${prefix}${topic.topic}` });
}
