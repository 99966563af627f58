import { serveParent } from "../parent-channel.js";
import type { Part } from "../plan.js";
import type { ClientCommand, ClientReply } from "../protocol.js";
import type {
  AllocationRow,
  EventRow,
  MemoryRow,
  ReceiveRow,
  ReconnectRow,
  SendRow,
} from "../rows.js";
import { serveAllocation } from "./allocation/serve.js";
import { serveEvents } from "./events/serve.js";
import type { Handler } from "./handler.js";
import { serveIdle } from "./idle/serve.js";
import { serveReceive } from "./receive/serve.js";
import { serveReconnect } from "./reconnect/serve.js";
import { serveSend } from "./send/serve.js";

/** A measured process: one row of one part, told again and again what to do. */
export async function runClient(part: string | undefined, row: string | undefined): Promise<void> {
  const handle = await load(part as Part, row);
  serveParent<ClientCommand, ClientReply>(handle)({ kind: "loaded" });
}

/** The parent gives a part only rows that it has. */
function load(part: Part, row: string | undefined): Promise<Handler> {
  switch (part) {
    case "receive":
    case "latency":
    case "connections":
      return serveReceive(row as ReceiveRow);
    case "send":
      return serveSend(row as SendRow);
    case "memory":
      return serveIdle(row as MemoryRow);
    case "reconnect":
      return serveReconnect(row as ReconnectRow);
    case "allocation":
      return serveAllocation(row as AllocationRow);
    case "events":
      return serveEvents(row as EventRow);
    default:
      return part satisfies never;
  }
}
