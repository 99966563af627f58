/** A property does not hold; the message says what was seen. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** Ends a property with a {@link Violation} unless something holds. */
export function expectThat(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new Violation(problem);
}
