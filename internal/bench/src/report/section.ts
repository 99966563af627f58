/** One table of the report, with what one must know to read it. */
export interface Section {
  readonly title: string;
  readonly lead?: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
