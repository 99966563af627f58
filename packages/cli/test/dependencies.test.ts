import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), "utf8"));
const manifests = (folder: string): readonly Manifest[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => existsSync(join(ROOT, folder, name, "package.json")))
    .map((name) => read(join(folder, name, "package.json")) as Manifest);
const isOurs = (name: string): boolean => name === "oath-ws" || name.startsWith("@oath-ws/");
const foreign = (dependencies: Readonly<Record<string, string>> = {}): readonly string[] =>
  Object.keys(dependencies).filter((name) => !isOurs(name));

const packages = manifests("packages");
const { packages: locked } = read("package-lock.json") as {
  readonly packages: Readonly<Record<string, Locked>>;
};

/**
 * What a user of each package installs that is not ours. A new line here is a decision, and needs
 * its reason in the commit.
 */
const RUN_TIME: Readonly<Record<string, readonly string[]>> = {
  // The declarations of these name types of Node, so its types come along.
  "oath-ws": ["@types/node", "ws"],
  "@oath-ws/sim": ["@types/node", "ws"],
  "@oath-ws/recorder": ["@types/node"],
  // The clients of the engine, by its makers: nothing of NATS is written here.
  "@oath-ws/relay": ["@nats-io/jetstream", "@nats-io/kv", "@nats-io/transport-node", "@types/node"],
  // `ws` is one of the clients that `oath-ws soak` drives; the others serve `--metrics`.
  "@oath-ws/cli": [
    "@opentelemetry/api",
    "@opentelemetry/exporter-prometheus",
    "@opentelemetry/sdk-metrics",
    "@types/node",
    "ws",
  ],
};

/** What users have to have themselves. */
const PEERS: Readonly<Record<string, readonly string[]>> = {
  // The application chooses its SDK, and the API must be the copy that the SDK registers with.
  "@oath-ws/telemetry": ["@opentelemetry/api"],
};

/**
 * What the above bring along, directly or not: the parts of the NATS clients, OpenTelemetry's own,
 * in the version of the SDK, and declarations that those of Node name.
 */
const ALONG: readonly string[] = [
  "@nats-io/jetstream",
  "@nats-io/nats-core",
  "@nats-io/nkeys",
  "@nats-io/nuid",
  "@opentelemetry/core",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-metrics",
  "@opentelemetry/semantic-conventions",
  // The signatures of NATS credentials.
  "tweetnacl",
  "undici-types",
];

describe("what users install", () => {
  it.each(packages.map((each) => [each.name, each] as const))(
    "%s: nothing that is not on the list",
    (name, each) => {
      expect(foreign(each.dependencies)).toEqual(RUN_TIME[name] ?? []);
      expect(foreign(each.optionalDependencies)).toEqual([]);
      expect(foreign(each.peerDependencies)).toEqual(PEERS[name] ?? []);
    },
  );

  it("brings nothing else along", () => {
    const names = new Set([...Object.values(RUN_TIME).flat(), ...ALONG]);
    const along = Array.from(names).flatMap((name) =>
      Object.keys(locked[`node_modules/${name}`]?.dependencies ?? {}),
    );
    expect(Array.from(new Set(along)).sort()).toEqual(ALONG);
  });

  it("runs no script when it is installed", () => {
    const hooks = ["preinstall", "install", "postinstall", "prepare"];
    for (const { name, scripts = {} } of packages)
      expect(
        Object.keys(scripts).filter((script) => hooks.includes(script)),
        name,
      ).toEqual([]);
    for (const name of new Set(Object.values(RUN_TIME).flat())) {
      expect(locked[`node_modules/${name}`]?.hasInstallScript ?? false, name).toBe(false);
    }
  });
});

/** What users have in their own code too, so that a range lets both have the same copy. */
const SHARED: ReadonlySet<string> = new Set(["ws", "@types/node"]);

describe("what developers install", () => {
  const all = [read("package.json") as Manifest, ...packages, ...manifests("internal")];

  it("is asked for in one exact version, but for the dependency that users share with their own code", () => {
    const loose = all.flatMap(({ name, dependencies, devDependencies }) =>
      Object.entries({ ...dependencies, ...devDependencies })
        .filter(([dependency, range]) => !SHARED.has(dependency) && !/^\d+\.\d+\.\d+$/.test(range))
        .map(([dependency, range]) => `${name}: ${dependency} ${range}`),
    );
    expect(loose).toEqual([]);
  });

  it("is locked with its hash, from no address in particular", () => {
    const outside = Object.entries(locked).filter(
      ([path, { link }]) => path.includes("node_modules/") && link !== true,
    );
    expect(outside.length).toBeGreaterThan(100);
    expect(
      outside
        .filter(([, { integrity }]) => integrity?.startsWith("sha512-") !== true)
        .map(([path]) => path),
    ).toEqual([]);
    expect(
      outside.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path),
    ).toEqual([]);
  });

  it("runs no script when it is installed", () => {
    const scripted = Object.keys(locked).filter(
      (path) => path.includes("node_modules/") && runsOnInstall(path),
    );
    expect(scripted).toEqual([]);
  });
});

/** As npm sees it: a hook, or sources that it would compile. */
function runsOnInstall(path: string): boolean {
  if (!existsSync(join(ROOT, path, "package.json"))) return false;
  const { scripts = {} } = read(join(path, "package.json")) as Manifest;
  const hook = ["preinstall", "install", "postinstall"].some((name) => scripts[name] !== undefined);
  return hook || existsSync(join(ROOT, path, "binding.gyp"));
}
