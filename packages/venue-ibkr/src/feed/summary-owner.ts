import { kindOf } from "./topic-name.js";

/**
 * Whose a summary or ledger frame is that names no topic, as the venue documents them: of the topic
 * that was asked for and that its rows can be of; `undefined` when there is none, or several.
 */
export function summaryOwner(
  rows: readonly unknown[],
  asked: Iterable<string>,
): string | undefined {
  const all = rows.map((row) => (typeof row === "object" && row !== null ? row : {}));
  const isLedger = all.every((row) => "key" in row && /^LedgerList/.test(String(row.key)));
  const accounts = new Set(all.flatMap((row) => ("acctCode" in row ? [String(row.acctCode)] : [])));
  const kind = isLedger ? "sld" : "ssd";
  const owners = Array.from(asked).filter((topic) => {
    const account = topic.slice(kind.length + 1);
    return kindOf(topic) === kind && (accounts.size === 0 || accounts.has(account));
  });
  return owners.length === 1 && accounts.size <= 1 ? owners[0] : undefined;
}
