// What the results of the steps mean: kept apart from running them, so that it can be tested.

/** The exit code of a program that the machine does not allow, beside a line that says why. */
const SKIPPED = 77;

/**
 * Fewer tests than this that passed are a failure too: a run cannot pass by skipping. A little
 * below what there is, for tests of servers that a newcomer's machine need not have.
 */
const AT_LEAST = { usual: 8_000, all: 8_300 };

/**
 * Files whose tests may skip themselves on a machine that has everything: a conformance suite lists
 * the cases that an implementation cannot be asked.
 */
const MAY_SKIP = [/conformance\.test\.ts$/, /write-a-connector\.test\.ts$/, /venue-conformance\//];

/**
 * @typedef {{ readonly counts?: boolean }} Step
 * @typedef {"passed" | "failed" | "skipped"} Outcome
 * @typedef {{ readonly numPassedTests: number, readonly numFailedTests: number,
 *   readonly numPendingTests: number, readonly testResults: readonly { readonly name: string,
 *   readonly assertionResults: readonly { readonly status: string, readonly fullName: string }[]
 *   }[] }} Report as vitest's JSON reporter writes it
 */

/**
 * What the exit code of a step means. A program that could not run is skipped on a machine that
 * need not have everything, and failed where everything is required.
 *
 * @param {Step} step
 * @param {number | null} status `null` if a signal ended the program
 * @param {boolean} isRequired
 * @returns {Outcome}
 */
export function outcomeOf(step, status, isRequired) {
  if (status === 0) return "passed";
  return status === SKIPPED && step.counts === true && !isRequired ? "skipped" : "failed";
}

/**
 * The tests that skipped themselves although the machine is required to have everything.
 *
 * @param {Report} report
 * @returns {readonly string[]}
 */
export function undeclaredSkips({ testResults }) {
  return testResults
    .filter(({ name }) => !MAY_SKIP.some((pattern) => pattern.test(name.replaceAll("\\", "/"))))
    .flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status !== "passed" && status !== "failed")
        .map(({ fullName }) => `${name}: ${fullName}`),
    );
}

/**
 * Says why a run in which nothing failed is a failure all the same; `undefined` if it is not.
 *
 * @param {number} passed
 * @param {boolean} isAll
 * @returns {string | undefined}
 */
export function shortfallOf(passed, isAll) {
  const atLeast = isAll ? AT_LEAST.all : AT_LEAST.usual;
  if (passed >= atLeast) return undefined;
  return (
    `only ${passed} tests passed, and at least ${atLeast} have to. See which were skipped; ` +
    "if tests were removed on purpose, lower the number in scripts/verdict.js."
  );
}
