import type { CancelSignal, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { cancelController, scheduleDeadline } from "@oath-ws/resilience";

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  cancel: () => void;
}

/**
 * Questions of one connection that wait for their answers, by id. Each settles: answered, refused,
 * too late, or the connection ended.
 */
export class Queries {
  readonly #timer: Timer;
  readonly #timeoutMs: number;
  readonly #onUnanswered: (id: number) => void;
  readonly #pending = new Map<number, Pending>();

  /**
   * @param timeoutMs how long hand-over to the socket may take, and the answer after it
   * @param onUnanswered told of each question that did not leave, or was not answered in time
   */
  constructor(
    timer: Timer,
    timeoutMs: number,
    onUnanswered: (id: number) => void = () => undefined,
  ) {
    this.#timer = timer;
    this.#timeoutMs = timeoutMs;
    this.#onUnanswered = onUnanswered;
  }

  /**
   * Sends a question and waits for what {@link answer} or {@link refuse} bring. One that could not
   * be handed over in time is withdrawn by the signal.
   */
  ask(id: number, send: (signal: CancelSignal) => Promise<void>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const withdrawal = cancelController();
      const pending: Pending = { resolve, reject, cancel: () => undefined };
      this.#pending.set(id, pending);
      this.#await(id, pending, (error) => withdrawal.abort(error));
      send(withdrawal.signal).then(
        () => {
          pending.cancel();
          if (this.#pending.get(id) === pending) this.#await(id, pending, () => undefined);
        },
        (error: unknown) => {
          if (this.#fail(id, error)) this.#onUnanswered(id);
        },
      );
    });
  }

  /** Whether a question had this id; it is answered now. */
  answer(id: number, result: unknown): boolean {
    const pending = this.#remove(id);
    pending?.resolve(result);
    return pending !== undefined;
  }

  /** Whether a question had this id; it is refused now. */
  refuse(id: number, error: WsError): boolean {
    return this.#fail(id, error);
  }

  /** The connection is gone, and with it every answer. */
  end(): void {
    for (const id of Array.from(this.#pending.keys())) {
      this.#fail(
        id,
        new WsError({
          kind: "connection",
          code: "EPOCH_ENDED",
          message: "the connection ended before an answer came",
        }),
      );
    }
  }

  #await(id: number, pending: Pending, onLate: (error: WsError) => void): void {
    pending.cancel = scheduleDeadline(this.#timer, this.#timeoutMs, () => {
      const message = `no answer came within ${this.#timeoutMs} ms`;
      const error = new WsError({ kind: "timeout", code: "QUERY_TIMEOUT", message });
      this.#fail(id, error);
      onLate(error);
      this.#onUnanswered(id);
    });
  }

  #fail(id: number, error: unknown): boolean {
    const pending = this.#remove(id);
    pending?.reject(error);
    return pending !== undefined;
  }

  #remove(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.cancel();
    return pending;
  }
}
