import { BROKEN_CLOSING } from "./broken-closing.js";
import { BROKEN_DIALLING } from "./broken-dialling.js";
import { BROKEN_ENDING } from "./broken-ending.js";
import { BROKEN_FRAMES } from "./broken-frames.js";
import type { BrokenConnector } from "./faults.js";

/** Working connectors with one fault each. */
export const BROKEN_CONNECTORS: readonly BrokenConnector[] = [
  ...BROKEN_DIALLING,
  ...BROKEN_FRAMES,
  ...BROKEN_CLOSING,
  ...BROKEN_ENDING,
];
