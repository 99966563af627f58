import { kindOf } from "./topic-name.js";

/**
 * Whose a summary or ledger frame is that names no topic, as the venue documents them: of the topic
 * that was asked for and that its rows can be of; `undefined` when there is none, or several.
 */
export function summaryOwner(
  rows: readonly unknown[],
  asked: Iterable<string>,
): string | undefined {
  const isLedger = rows.every((row) => textOf(row, "key")?.startsWith("LedgerList") === true);
  const accounts = new Set(rows.map((row) => textOf(row, "acctCode")));
  accounts.delete(undefined);
  const kind = isLedger ? "sld" : "ssd";
  const owners = Array.from(asked).filter((topic) => {
    const account = topic.slice(kind.length + 1);
    return kindOf(topic) === kind && (accounts.size === 0 || accounts.has(account));
  });
  return owners.length === 1 && accounts.size <= 1 ? owners[0] : undefined;
}

function textOf(row: unknown, name: string): string | undefined {
  const value =
    typeof row === "object" && row !== null
      ? (row as Readonly<Record<string, unknown>>)[name]
      : undefined;
  return typeof value === "string" ? value : undefined;
}
