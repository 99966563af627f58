import { promisify } from "node:util";
import zlib from "node:zlib";

/** How files are compressed. zstd needs Node 22.15 or later. */
export type Compression = "gzip" | "zstd";

type Compress = (data: Buffer) => Promise<Buffer>;

/** What Node 20's types do not have yet. */
interface Zstd {
  readonly zstdCompress?: (
    data: Buffer,
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
  readonly createZstdDecompress?: () => zlib.Gunzip;
}

const zstd = zlib as unknown as Zstd;

/** The end of the file names. */
export const EXTENSIONS: Readonly<Record<Compression, string>> = { gzip: ".gz", zstd: ".zst" };

/** The compressor for one batch; `undefined` where this Node has none. */
export function compressor(compression: Compression): Compress | undefined {
  if (compression === "gzip") return promisify<Buffer, Buffer>(zlib.gzip);
  const { zstdCompress } = zstd;
  return zstdCompress === undefined ? undefined : promisify<Buffer, Buffer>(zstdCompress);
}

/**
 * A stream that decompresses what begins with these bytes: `undefined` for plain text. A gzip file
 * that ends within a member gives what can be read of it. Throws where this Node has no zstd.
 */
export function decompressor(head: Uint8Array): zlib.Gunzip | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b)
    return zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH });
  if (head[0] !== 0x28 || head[1] !== 0xb5 || head[2] !== 0x2f || head[3] !== 0xfd)
    return undefined;
  const stream = zstd.createZstdDecompress?.();
  if (stream === undefined) throw new Error("this version of Node cannot read zstd");
  return stream;
}
