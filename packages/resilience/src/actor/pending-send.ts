import type { CancelSignal, Frame, SendOutcome } from "@oath-ws/contract";
import { Linked, LinkedList } from "../primitives/linked-list.js";

/** Settles a {@link PendingSend}, and takes it out of its list. */
export interface PendingSendOwner {
  sent(pending: PendingSend): void;
  failed(pending: PendingSend, error: unknown): void;
}

/** A send whose frame's fate is not known. The leaf reports the fate to it. */
export class PendingSend extends Linked<PendingSend> implements SendOutcome {
  readonly frame: Frame | string | Uint8Array;
  readonly bytes: number;
  /** When it was accepted, in milliseconds of the timer; see `SendQueue.oldestUnsettledAt`. */
  readonly at: number;
  /** In readings of the elapsed clock; `Infinity` for none. */
  readonly deadline: number;
  readonly signal: CancelSignal | undefined;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  /** The one in which it was handed to the leaf; 0 before. */
  epoch = 0;
  readonly #owner: PendingSendOwner;

  constructor(
    owner: PendingSendOwner,
    frame: Frame | string | Uint8Array,
    bytes: number,
    at: number,
    deadline: number,
    signal: CancelSignal | undefined,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ) {
    super();
    this.frame = frame;
    this.bytes = bytes;
    this.at = at;
    this.deadline = deadline;
    this.signal = signal;
    this.resolve = resolve;
    this.reject = reject;
    this.#owner = owner;
  }

  sent(): void {
    this.#owner.sent(this);
  }

  failed(error: unknown): void {
    this.#owner.failed(this, error);
  }
}

/** Stands for a list in which nothing is. Nothing is put into it. */
export const NO_SENDS: LinkedList<PendingSend> = new LinkedList();

/** Puts the send into the list, or into a new one in place of {@link NO_SENDS}. */
export function withSend(
  list: LinkedList<PendingSend>,
  pending: PendingSend,
): LinkedList<PendingSend> {
  const used = list === NO_SENDS ? new LinkedList<PendingSend>() : list;
  used.add(pending);
  return used;
}
