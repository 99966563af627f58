import { parse, View } from "vega";
import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import type { Row, Run } from "../model.js";
import { headlineRows } from "./history.js";
import { lineOf, nodeName } from "./lines.js";

const COLOR = {
  field: "node",
  type: "nominal",
  title: "",
  scale: { scheme: "tableau10" },
} as const;

/** Of ratios: as far above one as below. */
const TICKS = [0.25, 0.5, 1, 2, 4, 8, 16];

/** The ratios of all rows that have to be above one, with ranges and targets. */
export function ratiosPlot(rows: readonly Row[], runs: readonly Run[]): Promise<string> {
  const values = rows
    .filter(({ target }) => target?.sense === "at least")
    .flatMap((row) => runs.flatMap((run) => pointOf(row, run)));
  const y = {
    field: "label",
    type: "nominal",
    sort: null,
    title: "",
    axis: { labelLimit: 300 },
  } as const;
  const yOffset = { field: "node" } as const;
  const x = {
    type: "quantitative",
    title: "x bare ws: median, range, and target",
    scale: { type: "log", base: 2 },
    axis: { values: TICKS, format: "~g" },
  } as const;
  return draw({
    data: { values },
    width: 560,
    height: new Set(values.map(({ label }) => label)).size * 22,
    layer: [
      {
        mark: { type: "rule", size: 2, opacity: 0.5 },
        encoding: { y, yOffset, x: { ...x, field: "low" }, x2: { field: "high" }, color: COLOR },
      },
      {
        mark: { type: "point", filled: true, size: 45, opacity: 1 },
        encoding: { y, yOffset, x: { ...x, field: "median" }, color: COLOR },
      },
      {
        mark: { type: "tick", thickness: 2, color: "black" },
        encoding: { y, x: { ...x, field: "target" } },
      },
      { mark: { type: "rule", strokeDash: [3, 3] }, encoding: { x: { datum: 1 } } },
    ],
  });
}

/** The headline rows over the measured commits, the oldest first. */
export function historyPlot(runs: readonly Run[]): Promise<string> {
  const values = headlineRows().flatMap((row) => runs.flatMap((run) => pointOf(row, run)));
  const x = { field: "when", type: "ordinal", sort: null, title: "" } as const;
  const y = { type: "quantitative", title: "x bare ws" } as const;
  return draw({
    data: { values },
    facet: { field: "label", type: "nominal", sort: null, title: "" },
    columns: 2,
    resolve: { scale: { y: "independent" } },
    spec: {
      width: 260,
      height: 110,
      layer: [
        {
          mark: { type: "rule", size: 2, opacity: 0.5 },
          encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color: COLOR },
        },
        {
          mark: { type: "line", point: true },
          encoding: { x, y: { ...y, field: "median" }, color: COLOR },
        },
      ],
    },
  });
}

interface Point {
  readonly label: string;
  readonly node: string;
  readonly when: string;
  readonly target: number | undefined;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** What a plot shows of a row, or nothing where it was not measured. */
function pointOf(row: Row, run: Run): Point[] {
  const { measured } = lineOf(row, run);
  if (measured === undefined) return [];
  const { median, low, high } = measured;
  const when = `${run.machine.date.slice(0, 10)} ${run.commit.slice(0, 7)}`;
  const target = row.target?.bound;
  return [{ label: row.label, node: nodeName(run), when, target, median, low, high }];
}

/** Its own background, so that it can be read wherever it is shown. */
async function draw(spec: TopLevelSpec): Promise<string> {
  const compiled = compile({ background: "white", padding: 8, ...spec });
  const svg = await new View(parse(compiled.spec), { renderer: "none" }).toSVG();
  return `${svg}\n`;
}
