/** This build, runtime or machine cannot do what a row measures. That is told, and no failure. */
export class NotAvailable extends Error {
  override readonly name = "NotAvailable";
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
