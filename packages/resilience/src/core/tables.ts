import { TRANSITIONS } from "./supervisor-table.js";
import type { Input, State } from "./supervisor-table.js";
import { TRIAL_TRANSITIONS } from "./trial-table.js";
import type { TrialInput, TrialState } from "./trial-table.js";

/** One look into a table: this input arrived in this state. */
export type TableStep =
  | { readonly table: "supervisor"; readonly state: State; readonly input: Input }
  | { readonly table: "trial"; readonly state: TrialState; readonly input: TrialInput };

/**
 * Told of every step that an executor looks up in its table, before the step is taken; inputs that
 * a table ignores are told too. It must not throw, and it must not call the connection. It exists
 * for simulations, which state the cells that they have reached.
 */
export type OnStep = (step: TableStep) => void;

/**
 * The tables that decide where a connection goes next (ADR-0033, ADR-0049), by the names that
 * {@link TableStep} uses: the legal inputs of each state. Data for reports, not to be changed.
 */
export const TABLES: Readonly<
  Record<TableStep["table"], Readonly<Record<string, Readonly<Record<string, unknown>>>>>
> = { supervisor: TRANSITIONS, trial: TRIAL_TRANSITIONS };
