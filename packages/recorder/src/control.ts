import { FORMAT } from "./line.js";
import type { Control } from "./line.js";

type Kind = Control["kind"];

type Check = (value: unknown) => boolean;

/** A check for each field of each kind of control object. */
type Checks = {
  readonly [K in Kind]: {
    readonly [F in Exclude<keyof Extract<Control, { kind: K }>, "kind">]-?: Check;
  };
};

const isText: Check = (value) => typeof value === "string";
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isOptionalText: Check = (value) => value === undefined || isText(value);
const isOptionalId: Check = (value) => value === undefined || Number.isFinite(value);
const isOptionalObject: Check = (value) => value === undefined || isObject(value);

const POSITION = { epoch: isCount, seq: isCount, lagged: isCount, unwritten: isCount };

const CHECKS: Checks = {
  start: {
    format: (value) => value === FORMAT,
    connection: (value) => isObject(value) && isText(value["id"]) && isText(value["name"]),
    endpoint: isText,
    about: (value) => isObject(value) && Object.values(value).every(isText),
  },
  epoch: POSITION,
  hole: POSITION,
  lifecycle: { epoch: isCount, phase: isText, cause: isOptionalObject },
  sent: {
    epoch: isCount,
    opcode: (value) => isOpcode(value) || value === "control",
    bytes: isCount,
    text: isOptionalText,
  },
  unsent: { epoch: isCount, code: isText },
  clock: { stepMs: (value) => Number.isFinite(value) },
  gap: { topic: isText, reason: isText, fromSeq: isOptionalId, toSeq: isOptionalId },
  frame: { opcode: isOpcode, text: isOptionalText, base64: isOptionalText },
  end: { frames: isCount, unwritten: isCount },
};

/**
 * A control object; `undefined` for one of a kind or a format that this version does not know, and
 * for one whose fields are not those that a recorder writes.
 */
export function asControl(value: unknown): Control | undefined {
  const inner = isObject(value) ? value["oath"] : undefined;
  if (!isObject(inner)) return undefined;
  const { kind } = inner;
  if (typeof kind !== "string" || !Object.hasOwn(CHECKS, kind)) return undefined;
  const checks = Object.entries<Check>(CHECKS[kind as Kind]);
  return checks.every(([field, check]) => check(inner[field]))
    ? (inner as unknown as Control)
    : undefined;
}

function isOpcode(value: unknown): boolean {
  return value === "text" || value === "binary";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
