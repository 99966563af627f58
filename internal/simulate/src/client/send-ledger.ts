import { isWsError } from "@oath-ws/contract";
import { demand } from "../core/violated.js";
import type { SendKind } from "./client-plan.js";

/** The reason that the simulation aborts sends with. */
export const ABORTED = "aborted by the plan";

/** Codes that promise that the frame did not leave. */
const DID_NOT_LEAVE: ReadonlySet<string> = new Set([
  "NOT_CONNECTED",
  "EPOCH_ENDED",
  "SEND_QUEUE_FULL",
  "SEND_DEADLINE",
  "FRAME_INVALID",
  "FRAME_TOO_BIG",
  "SHUT_DOWN",
  "SINK_CLOSED",
]);

/** One send of the user. */
export interface SendRecord {
  readonly id: string;
  readonly what: SendKind;
  /** The epoch in which it was made. */
  readonly madeIn: number;
  /** The only epoch in which it may leave; `undefined`: it may wait for any later one. */
  readonly boundTo: number | undefined;
  /** When it has to be settled, by the world's clock. */
  readonly dueAt: number | undefined;
  /** How long the machine had slept when it was made. */
  readonly sleptMs: number;
  /** The epochs of the sockets to which it was written. */
  readonly writtenIn: number[];
  arrivals: number;
  fate: string | undefined;
}

/** Every send, what became of it by the word of the sink, and what the network saw of it. */
export class SendLedger {
  readonly records: Map<string, SendRecord> = new Map();
  readonly #unsettled = new Set<SendRecord>();

  made(record: Omit<SendRecord, "writtenIn" | "arrivals" | "fate">): SendRecord {
    const made: SendRecord = { ...record, writtenIn: [], arrivals: 0, fate: undefined };
    this.records.set(made.id, made);
    this.#unsettled.add(made);
    return made;
  }

  /** The client wrote this text to the socket of an epoch. */
  written(text: string, epoch: number, now: number): void {
    const record = this.#of(text);
    if (record === undefined) return;
    record.writtenIn.push(epoch);
    demand(record.writtenIn.length === 1, "a send leaves at most once", () => told(record));
    demand(
      record.fate === undefined || record.fate === "SEND_FATE_UNKNOWN",
      "what was said not to leave does not leave",
      () => told(record),
    );
    const { boundTo, madeIn, dueAt } = record;
    demand(dueAt === undefined || now <= dueAt, "nothing leaves after its deadline", () =>
      told(record),
    );
    const isRight = boundTo === undefined ? epoch >= madeIn : epoch === boundTo;
    demand(isRight, "no send crosses a reconnect unasked", () => told(record));
  }

  /** The server received this text. */
  arrived(text: string): void {
    const record = this.#of(text);
    if (record === undefined) return;
    record.arrivals++;
    demand(record.arrivals === 1, "a send arrives at most once", () => told(record));
    demand(record.writtenIn.length === 1, "what arrives was written", () => told(record));
  }

  /** The promise of the send is settled. Returns the fate in a word. */
  settled(record: SendRecord, isSent: boolean, reason: unknown): string {
    this.#unsettled.delete(record);
    record.fate = isSent ? "sent" : fateOf(reason);
    const writes = record.writtenIn.length;
    if (isSent) demand(writes === 1, "a send that resolves was written", () => told(record));
    else if (record.fate !== "SEND_FATE_UNKNOWN")
      demand(
        DID_NOT_LEAVE.has(record.fate) || record.fate === ABORTED,
        "a rejected send says whether it left",
        () => told(record),
      );
    if (!isSent && record.fate !== "SEND_FATE_UNKNOWN")
      demand(writes === 0, "what was said not to leave did not leave", () => told(record));
    return record.fate;
  }

  /** No deadline of a send passes untold, and none outlives the epoch that it is bound to. */
  checkWaiting(epoch: number, now: number, sleptMs: number): void {
    for (const { id, boundTo, dueAt, sleptMs: before } of this.#unsettled) {
      demand(
        boundTo === undefined || boundTo >= epoch,
        "a send does not outlive its epoch",
        () => `${id} is of epoch ${boundTo}`,
      );
      // A sleep is noticed with the next turn, so the word may come late; the frame may not leave.
      const isInTime = dueAt === undefined || now <= dueAt + sleptMs - before;
      demand(isInTime, "a deadline ends a send", () => id);
    }
  }

  #of(text: string): SendRecord | undefined {
    return this.records.get(text.slice(0, text.indexOf(" ")));
  }
}

function fateOf(reason: unknown): string {
  if (reason === ABORTED) return ABORTED;
  return isWsError(reason) ? reason.code : `no WsError: ${String(reason)}`;
}

function told({ id, what, madeIn, boundTo, writtenIn, arrivals, fate }: SendRecord): string {
  return (
    `send ${id} (${what}, made in epoch ${madeIn}, bound to ${boundTo ?? "none"}) was written ` +
    `in epochs [${writtenIn.join(", ")}], arrived ${arrivals} times and ended ` +
    `as ${fate ?? "pending"}`
  );
}
