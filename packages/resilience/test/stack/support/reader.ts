import type { ReceivedFrame, ReconnectingConnection } from "@oath-ws/contract";
import type { World } from "@oath-ws/testing";

/** A consumer that reads with `for await` until the source ends or fails. */
export interface Reader {
  readonly frames: ReceivedFrame[];
  /** `snapshot.epoch` at the moment each frame was handed out. */
  readonly epochsSeen: number[];
  state: "reading" | "ended" | "failed";
  error: unknown;
}

/** @param pauseMs how long the consumer needs for each frame */
export function startReader(connection: ReconnectingConnection, world: World, pauseMs = 0): Reader {
  const reader: Reader = { frames: [], epochsSeen: [], state: "reading", error: undefined };
  const read = async (): Promise<void> => {
    for await (const frame of connection.source) {
      reader.frames.push(frame);
      reader.epochsSeen.push(connection.lifecycle.snapshot.epoch);
      if (pauseMs > 0) await world.delay(pauseMs);
    }
  };
  read().then(
    () => {
      reader.state = "ended";
    },
    (error: unknown) => {
      reader.state = "failed";
      reader.error = error;
    },
  );
  return reader;
}
