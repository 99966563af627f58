import { PROPERTIES } from "@oath-ws/testing/venue";
import type { PropertyId } from "@oath-ws/testing/venue";

const SMALL_BUFFERS = new Set(
  PROPERTIES.flatMap(({ id, options: { config } }) => (config?.buffer === undefined ? [] : [id])),
);

/**
 * Whether cases of this property may run beside others: nearly all only wait. Where the receive
 * buffer is small, the turns that others take are frames that it drops; and an attempt that comes
 * too early is one within a second, which others must not use up.
 */
export function mayWaitTogether(property: PropertyId): boolean {
  return !SMALL_BUFFERS.has(property) && property !== "limits-respected";
}
