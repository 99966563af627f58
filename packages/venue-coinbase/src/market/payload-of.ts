import type { MarketChannel, MarketPayload, PayloadByChannel } from "./payloads.js";

/**
 * The payload of the topic with this name: `PayloadOf<"ticker:BTC-USD">` is `TickerEvent`. A name
 * that is only known as `string` gives {@link MarketPayload}; one that no topic has gives `never`,
 * and {@link parseTopicName} says what is wrong with it.
 */
export type PayloadOf<Name extends string> = string extends Name
  ? MarketPayload
  : Name extends "heartbeats"
    ? PayloadByChannel["heartbeats"]
    : Name extends `${infer Channel}:${string}`
      ? Channel extends Exclude<MarketChannel, "heartbeats">
        ? PayloadByChannel[Channel]
        : never
      : never;
