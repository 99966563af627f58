import type { GapRecord, TopicEvent, TopicSnapshot } from "@oath-ws/venue-kit";
import { isWsError } from "oath-ws";
import { causeRecord, causeText, errorLine } from "../error-line.js";
import { jsonText } from "../printable.js";
import type { FollowedStream } from "../venues/venue.js";

/** The JSON line of an event. */
export function eventRecord<Data>(
  { kind, shownAs }: FollowedStream<Data>,
  event: TopicEvent<Data>,
): object {
  return shownAs === undefined
    ? { type: "event", kind, ...event }
    : { type: "event", kind, stream: shownAs, ...event };
}

/** An event for people. */
export function eventLine<Data>(
  stream: FollowedStream<Data>,
  { topic, data, epoch, seq }: TopicEvent<Data>,
): string {
  return `${stream.shownAs ?? topic} ${payloadText(stream, data)}  (epoch ${epoch}, seq ${seq})`;
}

function payloadText<Data>({ line }: FollowedStream<Data>, data: Data): string {
  try {
    return line(data);
  } catch {
    // Another server than the venue may send anything.
    return `not what the venue documents: ${jsonText(data) ?? "nested too deep to be shown"}`;
  }
}

/** The JSON line of a gap; what is not known is `null`. */
export function gapRecord(gap: GapRecord): object {
  const { fromSeq = null, toSeq = null, fromTime = null } = gap;
  return { type: "gap", ...gap, fromSeq, toSeq, fromTime };
}

/** A gap for people. */
export function gapLine(gap: GapRecord): string {
  // What overflows came all the same: the venue was not silent.
  const quiet = gap.reason !== "overflow" && gap.fromTime !== undefined;
  const silence = !quiet
    ? ""
    : `, nothing for ${Math.round(gap.toTime - (gap.fromTime ?? gap.toTime))} ms`;
  return (
    `!! GAP ${gap.topic}: ${gapRange(gap)} (${gap.reason})${silence}, goes on in epoch ` +
    `${gap.epoch}`
  );
}

/** What is missing: the venue's ids, or our own numbers where the reader was too slow. */
export function gapRange({ fromSeq, toSeq, reason }: GapRecord): string {
  if (fromSeq === undefined || toSeq === undefined) return "events unknown";
  const own = reason === "overflow" ? "our seq" : "ids";
  return fromSeq === toSeq ? `${own} ${fromSeq}` : `${own} ${fromSeq}-${toSeq}`;
}

/** The JSON line of a stream's state. */
export function topicRecord(topic: string, snapshot: TopicSnapshot): object {
  return { type: "topic", topic, ...snapshot, cause: causeRecord(snapshot.cause) };
}

/** A stream's state for people. */
export function topicLine(topic: string, { phase, epoch, cause }: TopicSnapshot): string {
  const down = phase === "recovering" || phase === "failed";
  const why = down ? causeText(cause) : "";
  return `-- ${topic} ${phase}: epoch ${epoch}${why}`;
}

/** The JSON line of a fault that no stream's state tells. */
export function faultRecord(error: unknown): object {
  return {
    type: "fault",
    cause: isWsError(error) ? causeRecord(error) : null,
    message: errorLine(error),
  };
}
