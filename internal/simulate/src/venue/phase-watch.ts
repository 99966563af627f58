import type { Watched } from "./stage.js";

/** The phase of one state, as it was at the step that was looked at last. */
export class PhaseWatch {
  readonly name: string;
  readonly #state: Watched["state"];
  #snapshot: Watched["state"]["snapshot"] | undefined;
  #phase: string | undefined;

  constructor({ name, state }: Watched) {
    this.name = name;
    this.#state = state;
  }

  /** The phase of now. */
  get phase(): string {
    return this.#state.snapshot.phase;
  }

  get isLive(): boolean {
    return this.phase === "live";
  }

  /** Called at each settled step; tells whether the phase is another one than at the last. */
  look(): boolean {
    const { snapshot } = this.#state;
    // A snapshot never changes: the same one has the same phase.
    if (snapshot === this.#snapshot) return false;
    this.#snapshot = snapshot;
    if (snapshot.phase === this.#phase) return false;
    this.#phase = snapshot.phase;
    return true;
  }
}
