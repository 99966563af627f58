import type { ConfigIssue, WsError } from "@oath-ws/contract";
import { group, must, number, optionIssues, required, text } from "@oath-ws/venue-kit";
import type { OptionRule, OptionRules } from "@oath-ws/venue-kit";
import { relayError } from "../engine/relay-error.js";

/** Raise it with every change of {@link RelayPosition}: a stored one may be of any release. */
export const POSITION_VERSION = 1;

/**
 * A place in a relay, up to which everything was handed out. It is plain data: store it as JSON,
 * and give the parsed object as `after`. Do not read its fields; they may change with a release.
 */
export interface RelayPosition {
  readonly version: typeof POSITION_VERSION;
  readonly shard: string;
  readonly seq: number;
  readonly owner: string;
  readonly item: number;
  /** Of each topic the last item that was handed out. */
  readonly topics: readonly HandedTopic[];
}

/**
 * The last item of a topic that was handed out: its number within the term of its owner, that owner
 * (empty for none yet), and the last of the venue's ids, which may be of an item before.
 */
export interface HandedItem {
  readonly item: number;
  readonly owner: string;
  readonly id: number | null;
}

/** The same with the topic's name. */
export interface HandedTopic extends HandedItem {
  readonly name: string;
}

const FORM = "must be the object that `position` gave";

const OWNER = /^\d+\/./;

const ITEM: OptionRule = required(number({ min: 0, whole: true }));

const TOPIC: OptionRules<HandedTopic> = {
  name: required(text),
  item: ITEM,
  owner: required(must((value) => value === "" || isOwner(value), "must name a term and a line")),
  id: required(
    must((value) => value === null || Number.isFinite(value), "must be a number or null"),
  ),
};

const TOPICS: OptionRule = (value, path) =>
  Array.isArray(value)
    ? value.flatMap((each: unknown, at) => required(group(TOPIC))(each, `${path}[${at}]`))
    : [{ path, message: "must be a list" }];

/**
 * Everything that is wrong with a position that was stored. Of one of another version only
 * that is told: nothing is known about its form.
 */
export function positionIssues(value: unknown, shard: string): readonly ConfigIssue[] {
  if (value === undefined) return [];
  if (typeof value === "string")
    return [{ path: "after", message: `${FORM}, not its text: parse what you stored` }];
  if (typeof value !== "object" || value === null) return [{ path: "after", message: FORM }];
  const version = versionIssue(value);
  if (version !== undefined) return [{ path: "after.version", message: version }];
  return optionIssues<RelayPosition>(
    value,
    {
      version: () => [],
      shard: ofShard(shard),
      seq: required(number({ min: 1, whole: true })),
      owner: required(must(isOwner, "must name a term and a line")),
      item: ITEM,
      topics: TOPICS,
    },
    "after.",
  );
}

/** The error for a position whose topics are not those of the relay; `undefined` if they are. */
export function positionMismatch(
  { shard, topics }: RelayPosition,
  carried: readonly string[],
): WsError | undefined {
  const count = Math.max(topics.length, carried.length);
  for (let at = 0; at < count; at++) {
    const [stored, now] = [topics[at]?.name, carried[at]];
    if (stored === now) continue;
    return relayError(
      "RELAY_POSITION_DIFFERS",
      `The position is of other topics than the relay "${shard}" carries now. Topic ${at + 1} is ` +
        `${named(stored)} in the position, and ${named(now)} in the relay. Begin without it.`,
    );
  }
  return undefined;
}

function versionIssue({ version }: { readonly version?: unknown }): string | undefined {
  if (version === POSITION_VERSION) return undefined;
  const release = `this release reads ${POSITION_VERSION}. Begin without the position`;
  if (version === undefined)
    return `is missing: it is no position, or one of an older release; ${release}`;
  const said = typeof version === "number" ? `${version}` : "no number";
  return `is ${said}, and ${release}, or use the release that stored it`;
}

function ofShard(shard: string): OptionRule {
  return (value, path) => {
    if (value === shard) return [];
    const said = typeof value === "string" ? JSON.stringify(value.slice(0, 64)) : "missing";
    return [{ path, message: `is ${said}, and this reader is of ${JSON.stringify(shard)}` }];
  };
}

function named(topic: string | undefined): string {
  return topic === undefined ? "missing" : `"${topic}"`;
}

function isOwner(value: unknown): boolean {
  return typeof value === "string" && OWNER.test(value);
}
