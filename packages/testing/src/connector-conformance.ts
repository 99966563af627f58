import { bind } from "./conformance/case.js";
import type { ConformanceCase } from "./conformance/case.js";
import { CLOSING_CASES } from "./conformance/closing-cases.js";
import { CONTROL_CASES } from "./conformance/control-cases.js";
import { DIAL_CASES } from "./conformance/dial-cases.js";
import { ENDING_CASES } from "./conformance/ending-cases.js";
import { EVENT_CASES } from "./conformance/event-cases.js";
import { FRAME_CASES } from "./conformance/frame-cases.js";
import type { ConformanceHarness } from "./conformance/harness.js";

const ALL_CASES = [
  ...DIAL_CASES,
  ...FRAME_CASES,
  ...CONTROL_CASES,
  ...CLOSING_CASES,
  ...ENDING_CASES,
  ...EVENT_CASES,
];

/**
 * The contract of a leaf (`WsConnector`) as tests for any runner:
 *
 * ```ts
 * for (const { name, run } of connectorConformance(createHarness)) {
 *   it(name, async (context) => {
 *     const outcome = await run();
 *     if (outcome !== "passed") context.skip(outcome);
 *   });
 * }
 * ```
 *
 * A leaf that passes can be put under the resilient stack. The runner must also fail on unhandled
 * rejections, which no case can see.
 *
 * @param createHarness called once per case, so that no case sees what another one left behind
 */
export function connectorConformance(
  createHarness: () => ConformanceHarness,
): readonly ConformanceCase[] {
  return ALL_CASES.map((definition) => bind(definition, createHarness));
}
