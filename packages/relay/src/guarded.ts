/** A caller's function whose errors are ignored: a broken report must not end a relay. */
export function guarded(report: ((error: unknown) => void) | undefined): (error: unknown) => void {
  return (error) => {
    try {
      report?.(error);
    } catch {
      // The caller was told what it does with errors of this function.
    }
  };
}
