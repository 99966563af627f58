import { SendLedger, ABORTED } from "./send-ledger.js";
import type { SendKind } from "./client-plan.js";
import type { ClientRun } from "./client-run.js";

const DEADLINE_MS = 900;
const WAIT_MS = 4_000;
const ABORT_AFTER_MS = 300;

/** How late a deadline may be told: the loop may have been held up by the last callback. */
const GRACE_MS = 60;

/** The user's sends, each with an id of its own. */
export class Sender {
  readonly ledger: SendLedger = new SendLedger();
  readonly #run: ClientRun;
  #count = 0;
  #isStopped = false;

  constructor(run: ClientRun) {
    this.#run = run;
  }

  /** Sends no more. */
  stop(): void {
    this.#isStopped = true;
  }

  send(what: SendKind, count: number, bytes: number): void {
    for (let i = 0; i < count; i++) this.#send(what, bytes);
  }

  #send(what: SendKind, bytes: number): void {
    const { connection, world, settlements, trace, reached } = this.#run;
    if (connection === undefined || this.#isStopped) return;
    const { epoch } = connection.lifecycle.snapshot;
    const id = `s${++this.#count}`;
    const waits = what === "waiting";
    const pinned = what === "pinned" ? epoch : what === "pinnedNext" ? epoch + 1 : undefined;
    const deadlineMs = waits ? WAIT_MS : what === "deadline" ? DEADLINE_MS : undefined;
    const record = this.ledger.made({
      id,
      what,
      madeIn: epoch,
      boundTo: pinned ?? (waits ? undefined : epoch),
      dueAt: deadlineMs === undefined ? undefined : world.now() + deadlineMs + GRACE_MS,
      sleptMs: world.timer.sleptMs(),
    });
    const sending = connection.sink.send(`${id} `.padEnd(bytes, "."), {
      whileDown: waits || what === "pinnedNext" ? "wait" : "reject",
      deadlineMs: what === "pinnedNext" ? WAIT_MS : deadlineMs,
      epoch: pinned,
      signal: what === "aborted" ? this.#signal() : undefined,
    });
    settlements.watch(`send ${id}`, sending, ({ state, reason }) => {
      const fate = this.#run.checks.settledSend(record, state === "fulfilled", reason);
      reached.add(`send ${what} ${fate}`);
      trace.note(`send ${id} ${fate}`);
    });
  }

  #signal(): AbortSignal {
    const controller = new AbortController();
    this.#run.world.client.timer.schedule(ABORT_AFTER_MS, () => controller.abort(ABORTED));
    return controller.signal;
  }
}
