/** Ends a run: an invariant does not hold. */
export class Violated extends Error {
  readonly invariant: string;
  readonly detail: string;

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.name = "Violated";
    this.invariant = invariant;
    this.detail = detail;
  }
}

/** Ends the run unless `holds`. The detail is made only when it is needed. */
export function demand(holds: boolean, invariant: string, detail: () => string): void {
  if (!holds) throw new Violated(invariant, detail());
}
