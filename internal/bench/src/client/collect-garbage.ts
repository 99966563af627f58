/** Node's flag for {@link collectGarbage}. */
export const EXPOSE_GC = "--expose-gc";

/** Collects everything now. Only in processes that run with {@link EXPOSE_GC}. */
export function collectGarbage(): void {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error(`the process must run with ${EXPOSE_GC}`);
  gc();
}
