/** What is given, and the defaults of the rest. */
export function withDefaults<D extends Readonly<Record<string, number>>>(
  defaults: D,
  given: { readonly [K in keyof D]?: number | undefined } = {},
): D {
  return Object.fromEntries(
    Object.entries(defaults).map(([key, value]) => [key, given[key] ?? value]),
  ) as D;
}
