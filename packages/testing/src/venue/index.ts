/**
 * Tests of venue adapters: a venue in virtual time, and the conformance suite. Needs
 * `@oath-ws/venue-kit`, which is an optional peer of this package.
 */
export { venueConformance } from "./conformance.js";
export type { ConformanceOptions, Outcome, VenueConformanceCase } from "./conformance.js";
export { followedTopic } from "./followed-topic.js";
export type { Followed } from "./followed-topic.js";
export { PROPERTIES } from "./properties/all.js";
export type { Property, PropertyId } from "./properties/property.js";
export type { Scene } from "./scene.js";
export { SMALL_BUFFER } from "./venue-under-test.js";
export type {
  FeedUnderTest,
  Refusal,
  Stage,
  StageOptions,
  TopicUnderTest,
  VenueControls,
  VenueCounts,
  VenueUnderTest,
} from "./venue-under-test.js";
export { VirtualSeat, virtualRuntime, VirtualVenue } from "./virtual-venue.js";
export type { VirtualRuntimeOptions, VirtualVenueOptions } from "./virtual-venue.js";
export { withHalves } from "@oath-ws/resilience";
