import { isWsError } from "oath-ws";
import type { LifecycleSnapshot, ReconnectingConnection, SendOptions } from "oath-ws";
import type { SendKind } from "./fault.js";
import type { PromiseLedger } from "./promises.js";

/** One call of `send`, what was known when it was made, and what became of it. */
export interface SendRecord {
  readonly text: string;
  readonly what: SendKind;
  readonly epoch: number;
  readonly up: boolean;
  /** `resolved`, the code of the `WsError`, `aborted`, or `pending`. */
  outcome: string;
  /** The epoch that a failure names. */
  failedEpoch: number | undefined;
  /** The epoch of the lifecycle when the promise settled. */
  settledIn: number;
}

const ABORTED = new Error("aborted on purpose");

/** Makes the sends, and keeps the record of them in the order of the calls. */
export class SendLedger {
  readonly records: SendRecord[] = [];
  readonly #connection: ReconnectingConnection;
  readonly #promises: PromiseLedger;

  constructor(connection: ReconnectingConnection, promises: PromiseLedger) {
    this.#connection = connection;
    this.#promises = promises;
  }

  send(what: SendKind, bytes: number): void {
    const { lifecycle, sink } = this.#connection;
    const { epoch, downSince } = lifecycle.snapshot;
    const text = `s${this.records.length + 1}`.padEnd(bytes, ".");
    const record: SendRecord = {
      text,
      what,
      epoch,
      up: downSince === undefined,
      outcome: "pending",
      failedEpoch: undefined,
      settledIn: epoch,
    };
    this.records.push(record);
    const controller = new AbortController();
    const promise = sink.send(
      frameOf(what, text),
      optionsOf(what, lifecycle.snapshot, controller.signal),
    );
    if (what === "aborted") controller.abort(ABORTED);
    if (what === "abortedLate") setImmediate(() => controller.abort(ABORTED));
    this.#promises.watch(`send ${what}`, promise);
    promise.then(
      () => settle(record, "resolved", lifecycle.snapshot),
      (error: unknown) => {
        if (isWsError(error)) record.failedEpoch = error.epoch;
        settle(record, outcomeOf(error), lifecycle.snapshot);
      },
    );
  }
}

function frameOf(
  what: SendKind,
  text: string,
): Parameters<ReconnectingConnection["sink"]["send"]>[0] {
  if (what === "ping") return { kind: "ping", data: Buffer.from(text.slice(0, 100)) };
  // A control frame holds at most 125 bytes.
  return what === "invalid" ? { kind: "ping", data: new Uint8Array(126) } : text;
}

function optionsOf(what: SendKind, { epoch }: LifecycleSnapshot, signal: AbortSignal): SendOptions {
  switch (what) {
    case "wait":
      return { whileDown: "wait" };
    case "waitBriefly":
      return { whileDown: "wait", deadlineMs: 15 };
    case "pinned":
      return { epoch };
    case "pinnedToNext":
      return { epoch: epoch + 1, whileDown: "wait" };
    case "aborted":
    case "abortedLate":
      return { whileDown: "wait", signal };
    case "plain":
    case "ping":
    case "invalid":
      return {};
    default:
      return what satisfies never;
  }
}

function settle(record: SendRecord, outcome: string, { epoch }: LifecycleSnapshot): void {
  record.outcome = outcome;
  record.settledIn = epoch;
}

function outcomeOf(error: unknown): string {
  if (error === ABORTED) return "aborted";
  return isWsError(error) ? error.code : `rejected with ${String(error)}`;
}
