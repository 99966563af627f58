/** The table of the polynomial 0xEDB88320, which zip files and Ethernet use. */
const TABLE: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++)
    rest = (rest & 1) === 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/**
 * The CRC32 of a text of ASCII characters, as an unsigned number: what many venues send beside a
 * book. It runs on every platform; where there is Node alone, `node:zlib` has one as well.
 */
export function crc32(text: string): number {
  let rest = 0xffffffff;
  for (let index = 0; index < text.length; index++)
    rest = (rest >>> 8) ^ (TABLE[(rest ^ text.charCodeAt(index)) & 0xff] ?? 0);
  return (rest ^ 0xffffffff) >>> 0;
}
