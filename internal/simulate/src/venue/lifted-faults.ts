/** Faults that would last for the rest of the run, and what ends them. */
export const LIFTED: Readonly<Record<string, { readonly kind: string }>> = {
  throttle: { kind: "throttle" },
  fragment: { kind: "fragment", pieces: 1 } as { readonly kind: string },
};
/** How long they last. */
export const LIFTED_AFTER_MS = 40_000;
