/** A promise whose state can be looked at. */
export interface Settlement<T = unknown> {
  readonly name: string;
  state: "pending" | "fulfilled" | "rejected";
  value: T | undefined;
  reason: unknown;
}

/** Every promise that a run was given, so that none is left pending at its end. */
export class Settlements {
  readonly all: Settlement[] = [];

  /** @param onSettled called in the promise's own reaction */
  watch<T>(
    name: string,
    promise: Promise<T>,
    onSettled?: (settlement: Settlement<T>) => void,
  ): Settlement<T> {
    const settlement: Settlement<T> = {
      name,
      state: "pending",
      value: undefined,
      reason: undefined,
    };
    this.all.push(settlement);
    promise.then(
      (value) => {
        settlement.state = "fulfilled";
        settlement.value = value;
        onSettled?.(settlement);
      },
      (reason: unknown) => {
        settlement.state = "rejected";
        settlement.reason = reason;
        onSettled?.(settlement);
      },
    );
    return settlement;
  }

  get pending(): readonly string[] {
    return this.all.filter(({ state }) => state === "pending").map(({ name }) => name);
  }
}
