import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const PACKAGES = new URL("../../", import.meta.url);
/** The packages of the stack; venue adapters have codes of their own. */
const STACK = ["contract", "resilience", "node", "web", "testing"];

function sourcesOf(name: string): readonly { readonly file: string; readonly text: string }[] {
  const folder = new URL(`${name}/src/`, PACKAGES);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => ({
      file: `${name}/src/${file}`,
      text: readFileSync(new URL(file, folder), "utf8"),
    }));
}

const sources = STACK.flatMap(sourcesOf);
const errors = sources.find(({ file }) => file === "contract/src/errors.ts")?.text ?? "";
const union = /export type StackErrorCode =\n(.*?);\n/s.exec(errors)?.[1] ?? "";
/** An `AnswerFault` is the cause of a `HANDSHAKE_INVALID`, and no error of the stack by itself. */
const faults = sources.find(({ file }) => file === "node/src/direct/answer-reader.ts")?.text ?? "";
const causeUnion = /export type AnswerFaultCode =\n(.*?);\n/s.exec(faults)?.[1] ?? "";
const causes = [...causeUnion.matchAll(/"([A-Z_]+)"/g)].map(([, code = ""]) => code);
const topic = readFileSync(new URL("../docs/topics/errors.md", PACKAGES), "utf8");
const codes = [...union.matchAll(/^ {2}\| "([A-Z_]+)"$/gm)].map(([, code = ""]) => code);

/**
 * Where a code is given: as the field of an error, as its fallback, or through the small helpers
 * that make errors.
 */
const GIVEN =
  /\bcode: (?:[^"\n]*\?\? )?"([A-Z_]+)"|\b(?:refuse|refusal)\("[a-z]+", "([A-Z_]+)"|\? "([A-Z]+_[A-Z_]+)" : "([A-Z]+_[A-Z_]+)"|\?\? "(UNKNOWN)"/g;

const given = sources.flatMap(({ file, text }) =>
  [...text.matchAll(GIVEN)].flatMap(([, ...groups]) =>
    groups.filter(Boolean).map((code) => ({ file, code })),
  ),
);

describe("StackErrorCode", () => {
  it("is found by this test", () => {
    expect(codes).toContain("PEER_CLOSED");
    expect(causes).toContain("HTTP_OBS_FOLD");
    expect(given).toContainEqual({ file: "resilience/src/actor/failures.ts", code: "PEER_SILENT" });
  });

  it("has every code that the sources give", () => {
    // What a mock's refusal is called when the test does not say: no error of the stack.
    const foreign = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND"]);
    expect(
      given.filter(({ code }) => ![...codes, ...causes].includes(code) && !foreign.has(code)),
    ).toEqual([]);
  });

  it.each(codes)("%s is given somewhere", (code) => {
    const users = sources.filter(({ text }) => text.replace(union, "").includes(`"${code}"`));
    expect(users.length).toBeGreaterThan(0);
  });

  it.each(codes)("%s is explained where it is declared, and in docs/topics/errors.md", (code) => {
    expect(union).toMatch(new RegExp(`\\*/\n {2}\\| "${code}"`));
    expect(topic.includes(`\`${code}\``)).toBe(true);
  });
});
