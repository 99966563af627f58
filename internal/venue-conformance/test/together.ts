import { PROPERTIES } from "../src/properties/all.js";
import type { PropertyId } from "../src/properties/property.js";

const SMALL_BUFFERS = new Set(
  PROPERTIES.flatMap(({ id, options: { config } }) => (config?.buffer === undefined ? [] : [id])),
);

/**
 * Whether cases of this property may run beside others: nearly all only wait. Where the receive
 * buffer is small, the turns that others take are frames that it drops.
 */
export function mayWaitTogether(property: PropertyId): boolean {
  return !SMALL_BUFFERS.has(property);
}
