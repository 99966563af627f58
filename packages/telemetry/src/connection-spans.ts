import { ROOT_CONTEXT, SpanStatusCode } from "@opentelemetry/api";
import type { Attributes, Span, Tracer } from "@opentelemetry/api";
import { isTerminal } from "oath-ws";
import type { TraceEvent } from "oath-ws";
import { connectionAttributes, errorAttributes } from "./attributes.js";

interface OpenSpans {
  readonly attributes: Attributes;
  attempt: Span | undefined;
  epoch: Span | undefined;
  /** The attempt is a trial beside the connection of `epoch`. */
  isTrial: boolean;
}

/**
 * One span per attempt, with the steps of the dial as its events, and one per epoch, linked to the
 * attempt that brought it. Both are roots: a connection outlives the request that opened it. Times
 * are those of the SDK's own clock, since events are told as they happen.
 */
export class ConnectionSpans {
  readonly #tracer: Tracer;
  readonly #open = new Map<string, OpenSpans>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  trace(event: TraceEvent): void {
    const { id } = event.connection;
    if (event.kind === "attempt") {
      this.#attempt(id, event);
      return;
    }
    const spans = this.#open.get(id);
    if (spans === undefined) return;
    switch (event.kind) {
      case "phase":
        spans.attempt?.addEvent(event.phase, { "oath_ws.elapsed_ms": event.elapsedMs });
        break;
      case "opened":
        this.#opened(spans, event);
        break;
      case "failure":
        failed(spans, event);
        break;
      case "trialFailed":
        trialFailed(spans, event);
        break;
      case "transition":
        this.#transition(id, spans, event);
        break;
      case "stall":
        spans.epoch?.addEvent("stall", { "oath_ws.late_ms": event.lateMs });
        break;
      case "writeStall":
        spans.epoch?.addEvent("writeStall", { "oath_ws.stalled_ms": event.stalledMs });
        break;
      case "starved":
        spans.epoch?.addEvent("starved");
        break;
      case "probe":
      case "lag":
      case "fault":
        // Metrics count them: an epoch may have any number.
        break;
      default:
        event satisfies never;
    }
  }

  /** Ends all spans. */
  stop(): void {
    for (const spans of this.#open.values()) end(spans, "telemetry stopped");
    this.#open.clear();
  }

  #attempt(id: string, event: Extract<TraceEvent, { readonly kind: "attempt" }>): void {
    const before = this.#open.get(id);
    const isBeside = event.isTrial && before !== undefined;
    // A reconnect that was asked for gives its old socket up without a failure.
    if (before !== undefined && !isBeside) end(before, "replaced");
    const attributes = {
      ...connectionAttributes(event.connection.name, event.endpoint),
      ...serverAttributes(event.endpoint),
    };
    const attempt = this.#tracer.startSpan(
      "oath_ws.attempt",
      {
        attributes: {
          ...attributes,
          "oath_ws.attempt": event.attempt,
          "oath_ws.trial": event.isTrial,
        },
      },
      ROOT_CONTEXT,
    );
    const epoch = isBeside ? before.epoch : undefined;
    this.#open.set(id, { attributes, attempt, epoch, isTrial: event.isTrial });
  }

  #opened(spans: OpenSpans, event: Extract<TraceEvent, { readonly kind: "opened" }>): void {
    const { attempt } = spans;
    const { epoch, tls } = event;
    const attributes: Attributes = { ...spans.attributes, "oath_ws.epoch": epoch };
    if (tls !== undefined) attributes["oath_ws.tls.verification"] = tls.verification;
    attempt?.setAttributes(attributes);
    attempt?.end();
    spans.attempt = undefined;
    spans.isTrial = false;
    spans.epoch?.end();
    const links = attempt === undefined ? [] : [{ context: attempt.spanContext() }];
    spans.epoch = this.#tracer.startSpan("oath_ws.epoch", { attributes, links }, ROOT_CONTEXT);
  }

  #transition(
    id: string,
    spans: OpenSpans,
    { from, to }: Extract<TraceEvent, { readonly kind: "transition" }>,
  ): void {
    if (isTerminal(to.phase)) {
      end(spans, to.phase);
      this.#open.delete(id);
    } else if (from.phase !== to.phase) {
      spans.epoch?.addEvent(to.phase);
    }
  }
}

function failed(spans: OpenSpans, event: Extract<TraceEvent, { readonly kind: "failure" }>): void {
  const attributes = { ...errorAttributes(event.error), "oath_ws.verdict": event.verdict };
  // While a trial runs, the connection that was lost is the one beside it.
  const span = spans.isTrial ? spans.epoch : (spans.attempt ?? spans.epoch);
  span?.setAttributes(attributes);
  span?.setStatus({ code: SpanStatusCode.ERROR });
  end(spans, "failure");
}

/** The connection stays; only its trial of the first endpoint is over. */
function trialFailed(
  spans: OpenSpans,
  { error }: Extract<TraceEvent, { readonly kind: "trialFailed" }>,
): void {
  spans.attempt?.setAttributes({ ...errorAttributes(error), "oath_ws.end": "trialFailed" });
  spans.attempt?.setStatus({ code: SpanStatusCode.ERROR });
  spans.attempt?.end();
  spans.attempt = undefined;
  spans.isTrial = false;
}

function end(spans: OpenSpans, reason: string): void {
  for (const span of [spans.attempt, spans.epoch]) {
    span?.setAttribute("oath_ws.end", reason);
    span?.end();
  }
  spans.attempt = undefined;
  spans.epoch = undefined;
  spans.isTrial = false;
}

function serverAttributes(endpoint: string): Attributes {
  if (!URL.canParse(endpoint)) return {};
  const url = new URL(endpoint);
  const port = url.port === "" ? (url.protocol === "wss:" ? 443 : 80) : Number(url.port);
  return { "server.address": url.hostname, "server.port": port };
}
