import type { CancelSignal, Frame, SendOutcome } from "@oath-ws/contract";
import { Linked } from "../primitives/linked-list.js";
import { onAbort } from "../primitives/cancelled.js";

/** Who settles a {@link PendingSend}, and takes it out of its list. */
export interface PendingSendOwner {
  sent(pending: PendingSend): void;
  failed(pending: PendingSend, error: unknown): void;
  withdrawn(pending: PendingSend, reason: unknown): void;
}

/** A send that is not settled. It is also what the leaf tells of the frame's fate. */
export class PendingSend extends Linked<PendingSend> implements SendOutcome {
  readonly frame: Frame | string | Uint8Array;
  readonly bytes: number;
  /** `Infinity` for none. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  /** The one in which it was handed to the leaf; 0 before. */
  epoch = 0;
  readonly #owner: PendingSendOwner;
  readonly #unlisten: (() => void) | undefined;

  constructor(
    owner: PendingSendOwner,
    frame: Frame | string | Uint8Array,
    bytes: number,
    deadline: number,
    signal: CancelSignal | undefined,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.frame = frame;
    this.bytes = bytes;
    this.deadline = deadline;
    this.resolve = resolve;
    this.reject = reject;
    this.#owner = owner;
    this.#unlisten = signal && onAbort(signal, () => owner.withdrawn(this, signal.reason));
  }

  sent(): void {
    this.#owner.sent(this);
  }

  failed(error: unknown): void {
    this.#owner.failed(this, error);
  }

  /** It was settled. */
  release(): void {
    this.#unlisten?.();
  }
}
