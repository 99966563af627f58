/**
 * What a terminal acts upon instead of showing it: C0 and C1 controls (ESC begins the sequences
 * that move the cursor, rename the window or fill the clipboard), the two Unicode line ends, and
 * the marks that reverse the direction of what follows.
 */
// oxlint-disable-next-line no-control-regex
const ACTIVE = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * A peer's text as one harmless line: what a terminal would act upon is written as `\x1b`, `\n` or
 * `\u202e`; the rest stays as it is.
 */
export function printable(text: string): string {
  return text.replace(ACTIVE, (found) => SHORT[found] ?? escaped(found, "\\x"));
}

/**
 * One line of JSON that a terminal can be shown too: `JSON.stringify` leaves C1 controls and
 * direction marks as they are. Fields that cannot be written are `null`, and `unprintable` names
 * them: `JSON.parse` takes values that are nested deeper than `JSON.stringify` can follow.
 */
export function jsonLine(value: object): string {
  return (jsonText(value) ?? jsonText(withoutUnprintable(value)) ?? "null").replace(
    ACTIVE,
    (found) => escaped(found, "\\u"),
  );
}

/** A value as JSON; `undefined` when it cannot be written, because it is nested too deep. */
export function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function withoutUnprintable(value: object): object {
  const unprintable: string[] = [];
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value) as readonly [string, unknown][]) {
    const isPrintable = field === undefined || jsonText(field) !== undefined;
    if (!isPrintable) unprintable.push(name);
    kept[name] = isPrintable ? field : null;
  }
  return { ...kept, unprintable };
}

function escaped(character: string, prefix: "\\x" | "\\u"): string {
  const code = character.charCodeAt(0);
  return prefix === "\\x" && code <= 0xff ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
