import type { LeafConnection, SendOutcome } from "@oath-ws/contract";

/** Our own pings on one connection: at most one that has not left. */
export class Pings implements SendOutcome {
  readonly #connection: Pick<LeafConnection, "controlFrames" | "send">;
  readonly #onLeft: () => void;
  readonly #probe: string | undefined;
  #isLeaving = false;

  /**
   * @param onLeft called when a ping has left, or will never leave
   * @param probe the text that is sent in place of a ping where the leaf has none
   */
  constructor(
    connection: Pick<LeafConnection, "controlFrames" | "send">,
    onLeft: () => void,
    probe?: string,
  ) {
    this.#connection = connection;
    this.#onLeft = onLeft;
    this.#probe = connection.controlFrames ? undefined : probe;
  }

  /** Whether the last ping has left, or failed, so that another may go out. */
  get areFree(): boolean {
    return !this.#isLeaving;
  }

  /** One that cannot be sent proves nothing; the silence goes on being counted. */
  send(payload: Uint8Array): void {
    this.#isLeaving = true;
    this.#connection.send(this.#probe ?? { kind: "ping", data: payload }, this);
  }

  sent(): void {
    this.#isLeaving = false;
    this.#onLeft();
  }

  failed(): void {
    this.sent();
  }
}
