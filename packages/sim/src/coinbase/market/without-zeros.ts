const ZERO = 0x30;
const POINT = 0x2e;

/** A decimal text without the zeros at its end, and without a point that then stands last. */
export function withoutZeros(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end--;
  if (text.charCodeAt(end - 1) === POINT) end--;
  return text.slice(0, end);
}
