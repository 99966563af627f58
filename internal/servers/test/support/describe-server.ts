import { existsSync } from "node:fs";
import { afterAll, describe, it } from "vitest";
import { stopAll } from "./program.js";

/** What Debian brings. */
export interface Installed {
  readonly package: string;
  /** Some file of the package without which it is no use. */
  readonly file: string;
}

/** Set where a package must not be missing, as in continuous integration. */
const REQUIRED = process.env["OATH_WS_SERVERS"] === "required";

/** Far more than any of them takes on a busy machine, in milliseconds. */
const TIMEOUT_MS = 60_000;

/**
 * `describe` for tests that need what Debian packages bring. Where one is missing they are skipped,
 * and a line says which; where the environment has `OATH_WS_SERVERS=required` there is a failed
 * test instead.
 *
 * @param obstacle what else keeps them from running on this machine; then they are skipped in any
 *   case
 */
export function describeServer(
  title: string,
  needs: readonly Installed[],
  body: () => void,
  obstacle?: string,
): void {
  const missing = needs.filter(({ file }) => !existsSync(file)).map((need) => need.package);
  if (missing.length > 0 && REQUIRED) {
    it(`${title}: ${missing.join(", ")}`, () => {
      throw new Error("not installed, although nothing may be missing");
    });
    return;
  }
  const reason =
    missing.length > 0
      ? `apt-get install -y --no-install-recommends ${missing.join(" ")}`
      : obstacle;
  if (reason === undefined) {
    describe(title, { timeout: TIMEOUT_MS }, () => {
      afterAll(stopAll);
      body();
    });
    return;
  }
  process.stderr.write(`SKIPPED: ${title}: ${reason}\n`);
  describe.skip(`${title} (${reason})`, body);
}

/** The leaves that every server is spoken to with. */
export const LEAVES = ["ws", "direct"] as const;
