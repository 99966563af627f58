export type { FeedTelemetry, WatchedOutcome } from "./feed-telemetry.js";
export type { WatchedMarket } from "./feed-totals.js";
export { instrument } from "./instrument.js";
export type { InstrumentOptions, Telemetry } from "./instrument.js";
export type { WatchedBook, WatchedTopic } from "./reader-figures.js";
