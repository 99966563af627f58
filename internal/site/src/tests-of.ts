// Lists the tests that reach a source file: `npm run tests-of -- packages/node/src/open.ts`.
import { codeOf, entriesOf, testMap } from "./test-map.js";

const file = process.argv[2] ?? "";
const reaches = testMap(codeOf(), entriesOf()).get(file);
if (reaches === undefined) {
  console.error(`There is no source file "${file}": give its path from the repository's folder.`);
  process.exitCode = 1;
} else {
  for (const { test, steps } of reaches) console.log(`${steps} ${test}`);
  console.log(`${reaches.length} test files reach it. The number counts the imports in between.`);
}
