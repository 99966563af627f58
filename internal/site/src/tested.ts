// Compares docs/reference/how-it-is-tested.md with the files; `--write` writes it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, textOf } from "./repository.js";
import { readHistory, storedHistory, TESTED_PAGE, testedPage } from "./tested-page.js";

if (process.argv.includes("--write")) {
  writeFileSync(join(ROOT, TESTED_PAGE), testedPage(readHistory()));
  console.log(`${TESTED_PAGE} was written.`);
} else {
  const page = textOf(TESTED_PAGE);
  const isFresh = page === testedPage(storedHistory(page));
  console.log(
    isFresh ? `${TESTED_PAGE} is up to date.` : "It is stale: npm run tested -- --write renews it.",
  );
  process.exitCode = isFresh ? 0 : 1;
}
