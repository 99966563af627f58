import { Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PacedWrites } from "../../src/leaf/paced-writes.js";

const PIECE = 64 * 1024;

/** A stream over a kernel that takes a write when the test says so. */
class SlowStream extends Writable {
  readonly written: Buffer[] = [];
  readonly sizes: number[] = [];
  #take: ((error?: Error) => void) | undefined = undefined;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#hold([chunk], done);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#hold(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  /** Lets the kernel take what it was given. Returns whether there was something. */
  take(error?: Error): boolean {
    const take = this.#take;
    this.#take = undefined;
    take?.(error);
    return take !== undefined;
  }

  #hold(chunks: readonly Buffer[], done: (error?: Error | null) => void): void {
    this.sizes.push(chunks.reduce((sum, { length }) => sum + length, 0));
    this.#take = (error) => {
      if (error === undefined) this.written.push(...chunks);
      done(error);
    };
  }
}

function paced(): { stream: SlowStream; writes: PacedWrites } {
  const stream = new SlowStream();
  stream.on("error", () => undefined);
  return { stream, writes: new PacedWrites(stream, (bytes, done) => stream.write(bytes, done)) };
}

/** A stream over a kernel that takes every write at once. */
class FastStream extends Writable {
  readonly sizes: number[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.sizes.push(chunk.length);
    done();
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.sizes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
    done();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets the kernel take everything, one write at a time. */
async function drain(stream: SlowStream, each: () => void = () => undefined): Promise<void> {
  do {
    each();
    await turn();
  } while (stream.take());
}

describe("PacedWrites", () => {
  it("shows each 64 KiB of a large frame as progress, and tells once, at its end", async () => {
    const { stream, writes } = paced();
    const told: unknown[] = [];
    writes.write(Buffer.alloc(10 * PIECE + 1), (error) => told.push(error));
    const held: number[] = [];
    await drain(stream, () => {
      held.push(writes.bufferedBytes);
      if (writes.bufferedBytes > 0) expect(told).toEqual([]);
    });
    expect(held).toEqual([
      10 * PIECE + 1,
      ...[9, 8, 7, 6, 5, 4, 3, 2, 1].map((n) => n * PIECE + 1),
      1,
      0,
    ]);
    expect(told).toHaveLength(1);
    expect(stream.sizes.slice(0, -1)).toEqual(Array.from({ length: 10 }, () => PIECE));
  });

  it("keeps bytes and callbacks in order, and no write over two pieces", async () => {
    const sizes = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 4 * PIECE })),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(sizes, fc.infiniteStream(fc.boolean()), async (frames, pauses) => {
        const { stream, writes } = paced();
        const told: number[] = [];
        const expected: Buffer[] = [];
        for (const [i, size] of frames.entries()) {
          const bytes = Buffer.alloc(size, i + 1);
          expected.push(bytes);
          writes.write(bytes, () => told.push(i));
          if (pauses.next().value === true) {
            await turn();
            stream.take();
          }
        }
        await drain(stream);
        expect(told).toEqual(frames.map((_, i) => i));
        expect(Buffer.concat(stream.written).equals(Buffer.concat(expected))).toBe(true);
        expect(Math.max(0, ...stream.sizes)).toBeLessThanOrEqual(2 * PIECE);
        expect(writes.bufferedBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it("lets small frames of one turn pass in full pieces while the kernel takes them", () => {
    const stream = new FastStream();
    const writes = new PacedWrites(stream, (bytes, done) => stream.write(bytes, done));
    stream.cork();
    for (let i = 0; i < 256; i++) writes.write(Buffer.alloc(1024));
    stream.uncork();
    expect(stream.sizes).toEqual([PIECE, PIECE, PIECE, PIECE]);
    expect(writes.bufferedBytes).toBe(0);
  });

  it("ends the stream behind what waits", async () => {
    const { stream, writes } = paced();
    writes.write(Buffer.alloc(3 * PIECE));
    writes.write(Buffer.from("close frame"));
    writes.end();
    expect(stream.writableEnded).toBe(false);
    await drain(stream);
    expect(stream.writableFinished).toBe(true);
    expect(
      Buffer.concat(stream.written)
        .subarray(3 * PIECE)
        .toString(),
    ).toBe("close frame");
  });

  it("tells everything that waits of the error of a write", async () => {
    const { stream, writes } = paced();
    const told: unknown[] = [];
    const error = new Error("EPIPE");
    for (let i = 0; i < 3; i++) writes.write(Buffer.alloc(2 * PIECE), (each) => told.push(each));
    await turn();
    stream.take(error);
    await turn();
    expect(told).toEqual([error, error, error]);
    expect(writes.bufferedBytes).toBe(stream.writableLength);
  });

  it("holds nothing any longer once the stream was destroyed", async () => {
    const { stream, writes } = paced();
    writes.write(Buffer.alloc(9 * PIECE));
    stream.destroy();
    stream.take();
    await turn();
    expect(writes.bufferedBytes).toBe(stream.writableLength);
  });
});
