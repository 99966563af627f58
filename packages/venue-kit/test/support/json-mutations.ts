import type { SeededRandom } from "@oath-ws/testing";

/**
 * Values that a field was not meant to have. Functions, since a mutation must not change what
 * another input shares.
 */
const ODD: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 1.5,
  () => 2 ** 53,
  () => 1e300,
  () => "",
  () => "x",
  () => "1e999",
  () => "__proto__",
  () => [],
  () => [null],
  () => [[]],
  () => ({}),
  () => ({ length: 3 }),
  () => ({ toString: null, valueOf: null }),
];

/** Every object and array in a value, itself included. */
function containers(value: unknown, found: object[] = []): object[] {
  if (typeof value !== "object" || value === null) return found;
  found.push(value);
  for (const inner of Object.values(value)) containers(inner, found);
  return found;
}

function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.int(from.length)] as T;
}

/**
 * A variation of a text of JSON: a field becomes something else, goes, comes twice, or gets another
 * name; or the whole does. Text that is no JSON stays as it is.
 *
 * @param keys names that the format knows
 */
export function mutateJson(random: SeededRandom, text: string, keys: readonly string[]): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const all = containers(value);
  if (all.length === 0 || random.int(12) === 0) return JSON.stringify(pick(random, ODD)());
  const target = pick(random, all) as Record<string, unknown>;
  const names = Object.keys(target);
  const name = names.length === 0 || random.int(6) === 0 ? pick(random, keys) : pick(random, names);
  const old = target[name];
  switch (random.int(5)) {
    case 0:
      Reflect.deleteProperty(target, name);
      break;
    case 1:
      target[pick(random, keys)] = target[name];
      break;
    case 2:
      target[name] = [target[name], target[name]];
      break;
    case 3:
      target[name] = typeof old === "number" ? old + random.int(5) - 2 : pick(random, ODD)();
      break;
    default:
      target[name] = pick(random, ODD)();
  }
  return JSON.stringify(value);
}
