import { startFeeder } from "./feeder-link.js";
import { describeMachine } from "./machine.js";
import { measureAllocation } from "./parts/allocation.js";
import { measureConnections } from "./parts/connections.js";
import { measureEvents } from "./parts/events.js";
import { measureLatency } from "./parts/latency.js";
import { measureMemory } from "./parts/memory.js";
import { measureReceive } from "./parts/receive.js";
import { measureReconnect } from "./parts/reconnect.js";
import { measureSend } from "./parts/send.js";
import type { Part, Plan } from "./plan.js";
import type { Results } from "./results.js";

/**
 * One run of the plan. A row that fails is in the results; only a feeder that fails ends the run.
 */
export async function bench(plan: Plan, note: (text: string) => void): Promise<Results> {
  const machine = describeMachine();
  const startedAt = performance.now();
  const feeder = await startFeeder();
  const wanted = (part: Part): boolean => plan.parts.includes(part);
  try {
    const receive = wanted("receive") ? await measureReceive(plan, feeder, note) : [];
    const send = wanted("send") ? await measureSend(plan, feeder, note) : [];
    const latency = wanted("latency") ? await measureLatency(plan, feeder, note) : [];
    const reconnect = wanted("reconnect") ? await measureReconnect(plan, feeder, note) : [];
    const memory = wanted("memory") ? await measureMemory(plan, feeder, note) : [];
    const connections = wanted("connections") ? await measureConnections(plan, feeder, note) : [];
    const allocation = wanted("allocation") ? await measureAllocation(plan, feeder, note) : [];
    const events = wanted("events") ? await measureEvents(plan, note) : [];
    return {
      machine,
      plan,
      tookMs: performance.now() - startedAt,
      receive,
      send,
      latency,
      reconnect,
      memory,
      connections,
      allocation,
      events,
    };
  } finally {
    await feeder.child.end();
  }
}
