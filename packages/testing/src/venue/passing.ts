import type { FrameSource, ReadableOptions, ReceivedFrame } from "@oath-ws/contract";
import { batchesOf } from "@oath-ws/resilience";

/** A source whose frames are shown on their way out. */
export function passing(source: FrameSource, onTaken: (frame: ReceivedFrame) => void): FrameSource {
  const take = (): ReceivedFrame | undefined => {
    const frame = source.take();
    if (frame !== undefined) onTaken(frame);
    return frame;
  };
  const readable = (options?: ReadableOptions): Promise<boolean> => source.readable(options);
  return {
    take,
    readable,
    borrow: take,
    batches: () => batchesOf({ take, readable }),
    async *[Symbol.asyncIterator]() {
      while (await source.readable())
        for (let frame = take(); frame !== undefined; frame = take()) yield frame;
      return undefined;
    },
  };
}
