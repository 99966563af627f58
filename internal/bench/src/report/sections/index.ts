import type { Part } from "../../plan.js";
import type { Results } from "../../results.js";
import type { Section } from "../section.js";
import { eventSections } from "./events.js";
import { latencySections } from "./latency.js";
import { memorySections } from "./memory.js";
import { receiveSections } from "./receive.js";
import { sendSections } from "./send.js";

/** The tables of a part. */
export const SECTIONS: Readonly<Record<Part, (results: Results) => Section[]>> = {
  receive: receiveSections,
  send: sendSections,
  latency: latencySections,
  memory: memorySections,
  events: eventSections,
};
