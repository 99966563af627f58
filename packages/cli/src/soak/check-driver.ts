import type { SoakDriver } from "./driver.js";
import { isFaultId } from "./fault.js";

/**
 * Takes the default export of a module for a driver. Throws an error that names everything that is
 * wrong with it.
 */
export function checkDriver(value: unknown): SoakDriver {
  if (!isRecord(value) || typeof value["start"] !== "function") {
    throw new Error("the module has no default export with a start() method");
  }
  const { title, asksProvider, dialect, notes } = value;
  const issues = [
    ...(isOptional(title, "string") ? [] : ["title must be a string"]),
    ...(isOptional(asksProvider, "boolean") ? [] : ["asksProvider must be a boolean"]),
    ...(notes === undefined ? [] : notesIssues(notes)),
    ...(dialect === undefined ? [] : dialectIssues(dialect)),
  ];
  if (issues.length > 0) throw new Error(`it is no driver: ${issues.join("; ")}`);
  return value as unknown as SoakDriver;
}

function notesIssues(notes: unknown): string[] {
  if (!isRecord(notes)) return ["notes must be an object"];
  return Object.entries(notes).flatMap(([fault, text]) => [
    ...(fault === "all" || isFaultId(fault) ? [] : [`notes.${fault} is no fault`]),
    ...(isOptional(text, "string") ? [] : [`notes.${fault} must be a string`]),
  ]);
}

function dialectIssues(dialect: unknown): string[] {
  if (!isRecord(dialect)) return ["dialect must be an object"];
  const { frame, answers = [], subscribedBy } = dialect;
  return [
    ...(typeof frame === "string" && frame.includes("%id%")
      ? []
      : ["dialect.frame must be a string with %id% in it"]),
    ...(subscribedBy === undefined || isPattern(subscribedBy)
      ? []
      : ["dialect.subscribedBy must be a regular expression, as a string"]),
    ...(Array.isArray(answers)
      ? answers.flatMap(answerIssues)
      : ["dialect.answers must be an array"]),
  ];
}

function answerIssues(answer: unknown, index: number): string[] {
  const path = `dialect.answers[${index}]`;
  if (!isRecord(answer)) return [`${path} must be an object`];
  return [
    ...(isPattern(answer["when"])
      ? []
      : [`${path}.when must be a regular expression, as a string`]),
    ...(isOptional(answer["text"], "string") ? [] : [`${path}.text must be a string`]),
    ...(isOptional(answer["subscribes"], "boolean")
      ? []
      : [`${path}.subscribes must be a boolean`]),
  ];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isOptional(value: unknown, type: "boolean" | "string"): boolean {
  return value === undefined || typeof value === type;
}

function isPattern(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    return new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}
