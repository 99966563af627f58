import type { TraceEvent } from "@oath-ws/contract";

type WithoutConnection<Event> = Event extends TraceEvent ? Omit<Event, "connection"> : never;

/** A trace event before it is known whose it is. */
export type TraceDetail = WithoutConnection<TraceEvent>;

/** Reports what happened to the one connection that it was made for. */
export type Trace = (event: TraceDetail) => void;
