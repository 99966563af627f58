import { monotonicNs } from "../../clock.js";
import { payload } from "../../payload.js";
import type { SendRow } from "../../rows.js";
import { misdirected } from "../handler.js";
import type { Command, Handler, Reply } from "../handler.js";
import { Stopwatch } from "../stopwatch.js";
import { loadSender } from "./index.js";
import type { Sender } from "./index.js";

/** Connects, and then sends. */
export async function serveSend(row: SendRow): Promise<Handler> {
  const openSender = await loadSender(row);
  let sender: Sender | undefined;
  return async (command, reply) => {
    if (command.kind === "connect") {
      sender = await openSender(command.url);
      reply({ kind: "ready" });
    } else if (command.kind === "send" && sender !== undefined) {
      await send(sender, command, reply);
      await sender.close();
    } else {
      throw misdirected(command);
    }
  };
}

async function send(
  sender: Sender,
  { size, count, inFlight }: Command<"send">,
  reply: Reply,
): Promise<void> {
  const text = payload(size).toString("latin1");
  const stopwatch = new Stopwatch();
  const startedAtNs = monotonicNs();
  stopwatch.start();
  for (let sent = 0; sent < count; sent += inFlight)
    await sender.sendBatch(text, Math.min(inFlight, count - sent));
  stopwatch.stop(count);
  reply({ kind: "sent", startedAtNs, ...stopwatch.result });
}
