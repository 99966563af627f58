import type { IncomingMessage } from "node:http";

/**
 * Reads a request's body as text; `undefined` if it is larger than `maxBytes`. Rejects if the
 * client goes away.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      // What is too much is still read, but not kept: a client that is cut off in the middle would
      // miss the answer.
      if (size <= maxBytes) chunks.push(chunk);
    });
    request.on("end", () =>
      resolve(size <= maxBytes ? Buffer.concat(chunks).toString() : undefined),
    );
    request.on("error", reject);
    request.on("close", () => reject(new Error("the client went away")));
  });
}
