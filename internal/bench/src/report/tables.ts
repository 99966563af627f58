/** The first row is the header. The first column is text, the others are figures. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [header = [], ...body] = rows;
  const rule = header.map((_, column) => (column === 0 ? "---" : "---:"));
  return [header, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Columns to the left, as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
