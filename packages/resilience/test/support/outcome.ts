/** What became of a promise so far; watching it marks a rejection as handled. */
export interface Outcome<T> {
  state: "pending" | "resolved" | "rejected";
  value: T | undefined;
  reason: unknown;
}

export function watch<T>(promise: PromiseLike<T>): Outcome<T> {
  const outcome: Outcome<T> = { state: "pending", value: undefined, reason: undefined };
  promise.then(
    (value) => {
      outcome.state = "resolved";
      outcome.value = value;
    },
    (reason: unknown) => {
      outcome.state = "rejected";
      outcome.reason = reason;
    },
  );
  return outcome;
}

/**
 * Resolves once every promise reaction that is under way has run; it takes a macrotask and no time
 * on any clock that tests read.
 */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** What a promise was rejected with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (reason) {
    return reason;
  }
  throw new Error(`expected a rejection, got ${String(value)}`);
}
