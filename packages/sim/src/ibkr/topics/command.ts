/** A frame of a client, taken apart: `TOPIC[+arg...][+{json}]` (I-17). */
export type Command =
  | {
      readonly kind: "topic";
      readonly verb: string;
      readonly args: readonly string[];
      readonly options: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "session"; readonly session: string }
  | { readonly kind: "malformed" };

/** Takes a frame apart. */
export function parseCommand(text: string): Command {
  const brace = text.startsWith("{") ? 0 : text.indexOf("+{");
  if (brace === 0) {
    const session = parseObject(text)?.["session"];
    return typeof session === "string" ? { kind: "session", session } : { kind: "malformed" };
  }
  const head = brace < 0 ? text : text.slice(0, brace);
  const options = brace < 0 ? {} : parseObject(text.slice(brace + 1));
  const [verb = "", ...args] = head.split("+");
  return verb === "" || options === undefined
    ? { kind: "malformed" }
    : { kind: "topic", verb, args, options };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
