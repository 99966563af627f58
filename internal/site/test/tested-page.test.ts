import { expect, it } from "vitest";
import { textOf } from "../src/repository.js";
import { storedHistory, TESTED_PAGE, testedPage } from "../src/tested-page.js";

it("the page about the tests has the numbers of the files: npm run tested -- --write", () => {
  const page = textOf(TESTED_PAGE);
  expect(storedHistory(page)).toMatch(/the history had [1-9]\d* commits/);
  expect(page).toBe(testedPage(storedHistory(page)));
});
