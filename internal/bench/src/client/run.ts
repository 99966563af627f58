import { monotonicNs } from "../clock.js";
import { serveParent } from "../parent-channel.js";
import { payload, textFrame } from "../payload.js";
import type { ClientCommand, ClientReply } from "../protocol.js";
import type { EventRow, MemoryRow, ReceiveRow, SendRow } from "../rows.js";
import { MIXES } from "../venue/blocks.js";
import { EventMeter } from "./events/event-meter.js";
import { loadEvents } from "./events/index.js";
import type { OpenEvents } from "./events/index.js";
import { loadIdle } from "./idle/index.js";
import { LatencyMeter } from "./latency-meter.js";
import { ReceiveMeter } from "./receive-meter.js";
import type { OpenReceiver, Receiver } from "./receiver.js";
import { loadReceiver } from "./receive/index.js";
import { measureRetained } from "./retained.js";
import { loadSender } from "./send/index.js";
import type { Sender } from "./send/index.js";

type Reply = (reply: ClientReply) => void;
type Command<K extends ClientCommand["kind"]> = Extract<ClientCommand, { readonly kind: K }>;

/** A measured process: one row, told again and again what to do. */
export async function runClient(part: string | undefined, row: string | undefined): Promise<void> {
  const handle = await load(part, row);
  serveParent<ClientCommand, ClientReply>(handle)({ kind: "loaded" });
}

async function load(
  part: string | undefined,
  row: string | undefined,
): Promise<(command: ClientCommand, reply: Reply) => Promise<void>> {
  if (part === "memory") {
    const openIdle = await loadIdle(row as MemoryRow);
    return async (command, reply) => {
      if (command.kind !== "idle") throw misdirected(command);
      reply({ kind: "retained", ...(await measureRetained(openIdle, command.url, command.connections)) });
    };
  }
  if (part === "events") {
    const openEvents = await loadEvents(row as EventRow);
    return async (command, reply) => {
      if (command.kind !== "events") throw misdirected(command);
      await events(openEvents, command, reply);
    };
  }
  if (part === "send") {
    const openSender = await loadSender(row as SendRow);
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
  const openReceiver = await loadReceiver(row as ReceiveRow);
  return async (command, reply) => {
    if (command.kind === "receive") await receive(openReceiver, command, reply);
    else if (command.kind === "latency") await listen(openReceiver, command, reply);
    else throw misdirected(command);
  };
}

async function receive(open: OpenReceiver, { url, size, count }: Command<"receive">, reply: Reply): Promise<void> {
  const expected = { frames: count, size, wireSize: textFrame(size).length };
  const meter = await meterOf<ReceiveMeter>(open, url, reply, (done) => new ReceiveMeter(expected, done));
  reply({ kind: "received", ...meter.result });
}

async function listen(open: OpenReceiver, { url, count }: Command<"latency">, reply: Reply): Promise<void> {
  const meter = await meterOf<LatencyMeter>(open, url, reply, (done) => new LatencyMeter(count, done));
  reply({ kind: "latencies", ...meter.result });
}

/** Connects, says so, waits until the meter has seen enough, and hangs up. Throws when the repeat does not count. */
async function meterOf<M extends { readonly fault: string | undefined }>(
  open: (url: string, meter: M) => Promise<Receiver>,
  url: string,
  reply: Reply,
  create: (done: () => void) => M,
): Promise<M> {
  let resolveDone = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    resolveDone = resolve;
  });
  const meter = create(resolveDone);
  const receiver = await open(url, meter);
  reply({ kind: "ready" });
  await done;
  // Whatever is behind the last frame comes now.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  const fault = receiver.fault() ?? meter.fault;
  await receiver.close();
  if (fault !== undefined) throw new Error(fault);
  return meter;
}

async function events(open: OpenEvents, { url, mix }: Command<"events">, reply: Reply): Promise<void> {
  const meter = await meterOf<EventMeter>(
    (_, sink) => open(url, mix, sink),
    url,
    reply,
    (done) => new EventMeter(MIXES[mix].events, done),
  );
  reply({ kind: "received", ...meter.result });
}

async function send(sender: Sender, { size, count, inFlight }: Command<"send">, reply: Reply): Promise<void> {
  const text = payload(size).toString("latin1");
  const cpuAtStart = process.cpuUsage();
  const startedAtNs = monotonicNs();
  for (let sent = 0; sent < count; sent += inFlight) await sender.sendBatch(text, Math.min(inFlight, count - sent));
  const endedAtNs = monotonicNs();
  const { user, system } = process.cpuUsage(cpuAtStart);
  reply({ kind: "sent", startedAtNs, endedAtNs, cpuUs: user + system });
}

function misdirected(command: ClientCommand): Error {
  return new Error(`this row does not understand "${command.kind}"`);
}
