import type { ConformanceCapabilities } from "@oath-ws/testing";

/** What no WHATWG socket offers. */
export const WEB_CAPABILITIES: ConformanceCapabilities = {
  controlFrames: false,
  refusalDetails: false,
  requestHeaders: false,
  abruptEnd: true,
  backpressure: false,
  partialFrames: false,
};
