import { AttemptGate } from "@oath-ws/resilience";
import type { GateTicket } from "@oath-ws/resilience";
import { expect, it } from "vitest";
import { HANDSHAKE, Rig } from "./support/rig.js";

/** Notes the tickets that were given back. */
class NotingGate extends AttemptGate {
  released = 0;

  override release(ticket: GateTicket, now: number): void {
    this.released++;
    super.release(ticket, now);
  }
}

it("a shutdown gives back the seat of a forced reconnect that waits", async () => {
  const gate = new NotingGate();
  const rig = new Rig({ gate });
  const connection = await rig.up();
  gate.block(HANDSHAKE.url, rig.now + 60_000, rig.now);
  connection.trigger.forceReconnect();
  await rig.world.settle();
  expect(connection.lifecycle.snapshot.waitingFor).toBe("retryAfter");
  await rig.world.complete(connection.control.shutdown());
  expect(gate.released).toBe(1);
  rig.expectNothingLeft();
});
