/** The title of a test. */
export interface Title {
  /** Counted from 1. */
  readonly line: number;
  /** The titles of the suites around it, and its own. */
  readonly path: readonly string[];
}

export function titlesOf(source: string): readonly Title[];

export function problemOf(path: readonly string[]): string | undefined;

export function problemsIn(root: string): readonly string[];
