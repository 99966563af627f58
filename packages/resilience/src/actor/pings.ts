import type { LeafConnection, SendOutcome } from "@oath-ws/contract";

/** Our own pings on one connection: at most one that has not left. */
export class Pings implements SendOutcome {
  readonly #connection: Pick<LeafConnection, "send">;
  #isLeaving = false;

  constructor(connection: Pick<LeafConnection, "send">) {
    this.#connection = connection;
  }

  /** Whether the last ping has left, or failed, so that another may go out. */
  get areFree(): boolean {
    return !this.#isLeaving;
  }

  /** One that cannot be sent proves nothing; the silence goes on being counted. */
  send(payload: Uint8Array): void {
    this.#isLeaving = true;
    this.#connection.send({ kind: "ping", data: payload }, this);
  }

  sent(): void {
    this.#isLeaving = false;
  }

  failed(): void {
    this.#isLeaving = false;
  }
}
