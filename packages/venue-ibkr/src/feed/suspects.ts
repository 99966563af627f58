import { kindOf } from "./topic-name.js";

/** Which kinds of topics a frame without a topic may be of, by a member that all theirs have. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  _updated: ["smd"],
  conid: ["smd"],
  data: ["smh", "sbd"],
  serverId: ["smh"],
  args: ["sor", "str", "spl", "act", "sts", "ntf", "blt"],
  result: ["ssd", "sld"],
  success: ["system"],
  hb: ["system"],
};

/**
 * The topics that a frame may be about which could not be read. One that names topics, even where
 * it was cut, is about those. One that is whole JSON and names none is about the kinds whose
 * members it has. Of anything else nothing is known: it may be about all.
 */
export function suspects(text: string): (topic: string) => boolean {
  const named = Array.from(text.matchAll(/"topic"\s*:\s*"([^"\\]*)"/g), ([, name = ""]) => name);
  if (named.length > 0) return (topic) => named.some((name) => isOf(topic, name));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return () => true;
  }
  const members = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const kinds = members.flatMap((member) =>
    Object.hasOwn(MEMBERS, member) ? (MEMBERS[member] ?? []) : [],
  );
  return (topic) => kinds.includes(kindOf(topic));
}

/** A line's frames may leave out its exchange, and a ladder's all but its account. */
function isOf(topic: string, name: string): boolean {
  return topic === name || topic.startsWith(`${name}@`) || topic.startsWith(`${name}+`);
}
