import type { Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly cancel: () => void;
}

/**
 * Questions of one connection that wait for their answers, by id. Each settles: answered, refused,
 * too late, or the connection ended.
 */
export class Queries {
  readonly #timer: Timer;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();

  constructor(timer: Timer, timeoutMs: number) {
    this.#timer = timer;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a question and waits for what {@link answer} or {@link refuse} bring. */
  ask(id: number, send: () => Promise<void>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = this.#timer.schedule(this.#timeoutMs, () => {
        const message = `no answer came within ${this.#timeoutMs} ms`;
        this.#fail(id, new WsError({ kind: "timeout", code: "QUERY_TIMEOUT", message }));
      });
      this.#pending.set(id, { resolve, reject, cancel });
      send().catch((error: unknown) => this.#fail(id, error));
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
