import type { Bar, Panel, Plot, Tone } from "./plot.js";

const MARGIN = 20;
const LABEL_WIDTH = 190;
const BAR_WIDTH = 190;
const TEXT_WIDTH = 130;
const PANEL_WIDTH = LABEL_WIDTH + BAR_WIDTH + TEXT_WIDTH;
const COLUMNS = 2;
const ROW_HEIGHT = 20;
const BAR_HEIGHT = 12;
const PANEL_HEAD = 26;
const PANEL_GAP = 18;
const HEAD = 64;

const LEGEND: readonly (readonly [Tone, string])[] = [
  ["base", "bare ws"],
  ["ours", "oath-ws over ws"],
  ["direct", "oath-ws direct"],
  ["other", "others"],
];

/** Its own background, so that it can be read wherever it is shown. */
const STYLE = `
text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.panel { font-weight: 600 }
.ground { fill: #ffffff; stroke: #d1d9e0 }
.base { fill: #8c959f }
.ours { fill: #54aeff }
.direct { fill: #0550ae }
.other { fill: #d4a72c }
.range { stroke: #1f2328; stroke-width: 1 }
.reference { stroke: #59636e; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.ground { fill: #0d1117; stroke: #3d444d }
.base { fill: #7d8590 }
.ours { fill: #388bfd }
.direct { fill: #a5d6ff }
.other { fill: #bb8009 }
.range { stroke: #f0f6fc }
.reference { stroke: #9198a1 }
}
`;

/** Panels of horizontal bars, two beside each other. */
export function svg({ title, panels }: Plot): string {
  const lines: (readonly Panel[])[] = [];
  for (let i = 0; i < panels.length; i += COLUMNS) lines.push(panels.slice(i, i + COLUMNS));
  const width = MARGIN * 2 + PANEL_WIDTH * COLUMNS;
  const parts: string[] = [];
  let y = HEAD;
  for (const line of lines) {
    parts.push(...line.map((panel, column) => panelSvg(panel, MARGIN + column * PANEL_WIDTH, y)));
    y += PANEL_HEAD + Math.max(...line.map((panel) => panel.bars.length)) * ROW_HEIGHT + PANEL_GAP;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${y - 1}" rx="6"/>`,
    `<text class="title" x="${MARGIN}" y="26">${escape(title)}</text>`,
    legend(panels),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function legend(panels: readonly Panel[]): string {
  const used = new Set(panels.flatMap((panel) => panel.bars.map(({ tone }) => tone)));
  let x = MARGIN;
  return LEGEND.filter(([tone]) => used.has(tone))
    .map(([tone, name]) => {
      const item = `<rect class="${tone}" x="${x}" y="38" width="12" height="12"/><text x="${x + 17}" y="48">${name}</text>`;
      x += 40 + name.length * 7;
      return item;
    })
    .join("\n");
}

function panelSvg({ title, bars, reference }: Panel, x: number, y: number): string {
  const left = x + LABEL_WIDTH;
  // The range of a disturbed repeat must not make all bars short: it is cut off at the end of the
  // scale.
  const scale =
    BAR_WIDTH /
    Math.max(...bars.map(({ value }) => value.median), reference ?? 0, Number.MIN_VALUE);
  const bottom = y + PANEL_HEAD + bars.length * ROW_HEIGHT;
  const parts = [
    `<text class="panel" x="${left}" y="${y + 15}">${escape(title)}</text>`,
    ...bars.map((bar, i) => barSvg(bar, left, y + PANEL_HEAD + i * ROW_HEIGHT, scale)),
  ];
  if (reference !== undefined) {
    const at = round(left + reference * scale);
    parts.push(
      `<line class="reference" x1="${at}" x2="${at}" y1="${y + PANEL_HEAD - 4}" y2="${bottom}"/>`,
    );
  }
  return parts.join("\n");
}

function barSvg({ label, tone, value, text }: Bar, left: number, y: number, scale: number): string {
  const to = (figure: number): number =>
    round(left + Math.min(Math.max(0, figure * scale), BAR_WIDTH + 8));
  // Beneath the bar: upon it the line would vanish in the darker ones.
  const beneath = y + BAR_HEIGHT + 2;
  return [
    `<text x="${left - 8}" y="${y + 11}" text-anchor="end">${escape(label)}</text>`,
    `<rect class="${tone}" x="${left}" y="${y}" width="${round(to(value.median) - left)}" height="${BAR_HEIGHT}"/>`,
    `<line class="range" x1="${to(value.low)}" x2="${to(value.high)}" y1="${beneath}" y2="${beneath}"/>`,
    `<text x="${left + BAR_WIDTH + 14}" y="${y + 11}">${escape(text)}</text>`,
  ].join("");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
