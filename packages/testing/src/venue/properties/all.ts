import { AUTH } from "./auth.js";
import { BREAKS } from "./breaks.js";
import { LIMITS } from "./limits.js";
import { LOSSES } from "./losses.js";
import type { Property } from "./property.js";
import { RENEWAL } from "./renewal.js";
import { SHUTDOWNS } from "./shutdown.js";

/** Every property, in the order of the table. */
export const PROPERTIES: readonly Property[] = [
  ...BREAKS,
  ...LOSSES,
  ...AUTH,
  ...RENEWAL,
  ...LIMITS,
  ...SHUTDOWNS,
];
