import type { Part } from "../../plan.js";
import type { Results } from "../../results.js";
import type { Section } from "../section.js";
import { allocationSections } from "./allocation.js";
import { connectionSections } from "./connections.js";
import { eventSections } from "./events.js";
import { latencySections } from "./latency.js";
import { memorySections } from "./memory.js";
import { receiveSections } from "./receive.js";
import { reconnectSections } from "./reconnect.js";
import { sendSections } from "./send.js";

/** The tables of a part. */
export const SECTIONS: Readonly<Record<Part, (results: Results) => Section[]>> = {
  receive: receiveSections,
  send: sendSections,
  latency: latencySections,
  reconnect: reconnectSections,
  memory: memorySections,
  connections: connectionSections,
  allocation: allocationSections,
  events: eventSections,
};
