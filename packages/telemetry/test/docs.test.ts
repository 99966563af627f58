import { readdirSync, readFileSync } from "node:fs";
import { channel } from "node:diagnostics_channel";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { WsError } from "@oath-ws/contract";
import { refuse } from "@oath-ws/testing";
import { TRACE_CHANNEL } from "oath-ws";
import { describe, expect, it } from "vitest";
import { Rig } from "../../resilience/test/stack/support/rig.js";
import { instrument } from "../src/index.js";
import { logTo } from "./examples/observe.js";

const at = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const PAGE = at("../../../docs/howto/observe.md");
const ALERTS = at("../../../docs/howto/observe/alerts.yaml");
const DASHBOARD = at("../../../docs/howto/observe/dashboard.json");

it.each([
  ["observe.md", PAGE],
  ["README.md", at("../README.md")],
])("every example of %s is compiled as it stands there", (_name, text) => {
  const examples = new URL("examples/", import.meta.url);
  const regions = readdirSync(examples).flatMap((file) =>
    [
      ...readFileSync(new URL(file, examples), "utf8").matchAll(
        /^( *)\/\/ #region \S+\n(.*?)\/\/ #endregion/gms,
      ),
    ].map(([, indent = "", code = ""]) => code.replaceAll(`\n${indent}`, "\n").trim()),
  );
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code.trim());
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) expect(regions).toContain(block);
});

interface Exported {
  readonly names: ReadonlySet<string>;
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What Prometheus gets of a connection and a feed to which everything has happened. */
async function exported(): Promise<Exported> {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [exporter] });
  const telemetry = instrument({ meterProvider, channels: false });
  telemetry.feed("toy");
  const rig = new Rig({
    script: [refuse({ status: 503 })],
    config: { send: { rateLimit: { max: 5, windowMs: 1_000 } } },
    onTrace: (event) => telemetry.tracer.trace(event),
    stack: { onConnection: (observed) => telemetry.connection(observed) },
  });
  await rig.up();
  rig.peer.text("x");
  await rig.world.run(60_000);
  const { resourceMetrics } = await exporter.collect();
  telemetry.stop();
  const text = new PrometheusSerializer(undefined, false, undefined, true, true).serialize(
    resourceMetrics,
  );
  const names = new Set<string>();
  const labels = new Map<string, Set<string>>();
  for (const [, name = "", pairs = ""] of text.matchAll(/^(\w+)\{(.*)\} /gm)) {
    names.add(name);
    for (const [, label = "", value = ""] of pairs.matchAll(/(\w+)="([^"]*)"/g))
      labels.set(label, (labels.get(label) ?? new Set()).add(value));
  }
  return { names, labels };
}

/** Names in a text that are not exported, and values of labels that never come. */
function problems(text: string, { names, labels }: Exported): readonly string[] {
  const plain = text.replaceAll('\\"', '"');
  const unknown = [...plain.matchAll(/\boath_ws_\w+/g)]
    .map(([name]) => name)
    .filter((name) => !names.has(name) && !labels.has(name));
  const values = [...plain.matchAll(/\b(oath_ws_\w+)(?:=~?|!=)"([^"$]+)"/g)].flatMap(
    ([, label = "", value = ""]) =>
      // An error's kind is there once such an error came.
      label === "oath_ws_error_kind"
        ? []
        : value
            .split("|")
            .filter((each) => labels.get(label)?.has(each) !== true)
            .map((each) => `${label}="${each}"`),
  );
  return [...new Set([...unknown, ...values])];
}

describe("the names in the page, the alerts and the dashboard", async () => {
  const all = await exported();

  it.each([
    ["observe.md", PAGE],
    ["alerts.yaml", ALERTS],
    ["dashboard.json", DASHBOARD],
  ])("of %s are exported", (_name, text) => {
    expect(problems(text, all)).toEqual([]);
  });

  it("are all in the page", () => {
    expect(Array.from(all.names).filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([]);
  });

  it("are found when they are wrong", () => {
    const wrong = 'oath_ws_connection_phases{oath_ws_phase="stall", oath_ws_nope="x"}';
    expect(problems(wrong, all)).toEqual([
      "oath_ws_connection_phases",
      "oath_ws_nope",
      'oath_ws_phase="stall"',
      'oath_ws_nope="x"',
    ]);
  });
});

it("the log bridge writes one line per event, and no message of an error", async () => {
  const lines: string[] = [];
  logTo({ write: (line: string) => void lines.push(line) });
  const rig = new Rig({
    script: [
      refuse({
        error: new WsError({ kind: "auth", code: "UPGRADE_REFUSED", message: "planted" }),
      } as never),
    ],
    onTrace: (event) => channel(TRACE_CHANNEL).publish(event),
  });
  await rig.start();
  await rig.world.run(5_000);
  const kinds = lines.map((line) => (JSON.parse(line) as { kind: string }).kind);
  expect(kinds).toContain("failure");
  expect(kinds).toContain("transition");
  expect(lines.join("")).not.toContain("planted");
});
