/** Runs something that may fail where its failure must not keep the rest from being done. */
export function ignoreFailure(run: () => void): void {
  try {
    run();
  } catch {
    // The caller has told of the fault that led here.
  }
}
