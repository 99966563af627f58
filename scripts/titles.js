// @ts-check Checks that titles of tests read alone, in a report that shows nothing but "file >
// describe > it". Prints a line for each that does not, and ends with 1 if there is one. What a
// title means is for people to judge; the rules below are those that a program can hold:
//
// - a title with the titles around it has at least three words,
// - it begins with neither a pronoun nor a verb: the subject is missing,
// - no title goes on with the sentence of another test ("and ...", "but ..."),
// - no title of a test or a suite is longer than 100 columns.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** @typedef {{ readonly line: number, readonly path: readonly string[] }} Title */

const MAX_COLUMNS = 100;

const PRONOUN = /^(it|its|they|their|them|this|these|those|he|his|there)\b/i;

const GOES_ON = /^(and|but|or|so|then|also)\b/i;

/** A title that only a table fills in. */
const PLACEHOLDER = /^[%$]\w+$/;

/** Verbs with which titles began whose subject was missing. */
const VERBS = new Set(
  `accepts adds allows announces asks begins brings cancels checks closes colours comes compares
   counts cuts delivers denies does drives drops encodes ends exempts expects exports fails falls
   finds follows forgets forwards gets gives goes has holds ignores is joins keeps knows lands
   leaves lets likens listens loses makes marks matches measures merges moves needs observes
   offers opens passes picks prints puts raises reads reconnects refuses rejects relays releases
   removes renews reports resolves returns runs says serves sets settles shares shows skips
   speaks splits starts stays stops subscribes survives takes tells throws touches tries
   understands uses waits wants warns wraps writes`.split(/\s+/),
);

/** These are nouns as well, unless an object follows. */
const VERB_WITH_OBJECT =
  /^(answers|calls|names|notices|probes|sends|turns) (a|an|its|lines|the|what) /;

/**
 * The titles of the tests of a file, each behind those of the suites around it. Tests whose title
 * is not written as text are left out; the indentation tells which suite is around which test.
 *
 * @param {string} source
 * @returns {readonly Title[]}
 */
export function titlesOf(source) {
  /** @type {{ indent: number, title: string }[]} */
  const suites = [];
  /** @type {Title[]} */
  const titles = [];
  for (const match of source.matchAll(/^( *)(describe\w*|it|test)(?=[.(<])/gm)) {
    const [whole, { length: indent } = "", kind = ""] = match;
    const title = titleAfter(source.slice(match.index + whole.length));
    while ((suites.at(-1)?.indent ?? -1) >= indent) suites.pop();
    if (kind.startsWith("describe")) {
      suites.push({ indent, title: title ?? "(a title from code)" });
      continue;
    }
    if (title === undefined) continue;
    const line = source.slice(0, match.index).split("\n").length;
    titles.push({ line, path: [...suites.map((suite) => suite.title), title] });
  }
  return titles;
}

/**
 * The text that is the first argument of a call, behind what is called before it: a table, a
 * condition.
 *
 * @param {string} source what follows `it` or `describe`
 * @returns {string | undefined}
 */
function titleAfter(source) {
  const [{ length } = "", chain = ""] = /^((?:\.\w+)*)/.exec(source) ?? [];
  const call = source.slice(length);
  if (/\.(each|for|skipIf|runIf)$/.test(chain)) return titleAfter(call.slice(groupLength(call)));
  const [, , text] = /^\(\s*(["'`])((?:[^\\]|\\.)*?)\1/.exec(call) ?? [];
  return text?.replaceAll(/\s+/g, " ");
}

/** Comments, texts, regular expressions and brackets. */
const TOKENS =
  /\/\/.*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|(?<=[(,:[]\s*)\/(?![/*])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|[()[\]{}]/g;

/**
 * How long the type arguments and the arguments are with which a source begins.
 *
 * @param {string} source
 */
function groupLength(source) {
  let depth = 0;
  for (const { 0: token, index } of source.matchAll(TOKENS)) {
    if (token.length > 1) continue;
    depth += "([{".includes(token) ? 1 : -1;
    if (depth === 0 && token === ")") return index + 1;
  }
  return source.length;
}

/**
 * What is wrong with a title; `undefined` if nothing is.
 *
 * @param {readonly string[]} path titles of the suites, and that of the test
 */
export function problemOf(path) {
  const whole = path.join(" ");
  if (path.some(({ length }) => length > MAX_COLUMNS)) return `longer than ${MAX_COLUMNS} columns`;
  const first = /^[A-Za-z]+/.exec(whole)?.[0] ?? "";
  if (whole.split(" ").length < 3 && !PLACEHOLDER.test(whole)) return "fewer than three words";
  if (PRONOUN.test(whole)) return "begins with a pronoun";
  if (VERBS.has(first) || VERB_WITH_OBJECT.test(whole)) return "has no subject";
  if (GOES_ON.test(path.at(-1) ?? "")) return "goes on with another title";
  return undefined;
}

/** @param {string} root */
export function problemsIn(root) {
  const paths = ["*.test.ts", "*/test/**/*.ts"];
  const files = execFileSync("git", ["ls-files", ...paths], { cwd: root, encoding: "utf8" });
  return files
    .split("\n")
    .filter(Boolean)
    .flatMap((file) =>
      titlesOf(readFileSync(join(root, file), "utf8")).flatMap(({ line, path }) => {
        const problem = problemOf(path);
        return problem === undefined ? [] : [`${file}:${line}: ${problem}: ${path.join(" > ")}`];
      }),
    );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const problems = problemsIn(join(import.meta.dirname, ".."));
  for (const problem of problems) console.log(problem);
  console.log(`titles: ${problems.length} places to mend`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
