import { recordingConnector } from "@oath-ws/recorder";
import type { Recorder, RecordingConnectorOptions } from "@oath-ws/recorder";
import { nodeRuntime } from "oath-ws";

/** A runtime for an adapter whose connections are recorded. */
export interface RecordedRuntime {
  readonly runtime: typeof nodeRuntime;
  /** One for each connection so far. */
  readonly recorders: readonly Recorder[];
  /** Ends the files. Rejects when one of them is not whole, with the reason. */
  close(): Promise<void>;
}

/** Records every connection of an adapter to files of its own. */
export function recordedRuntime(options: RecordingConnectorOptions): RecordedRuntime {
  const recorders: Recorder[] = [];
  const build: typeof nodeRuntime.build = (settings) =>
    recordingConnector(nodeRuntime.build(settings), {
      ...options,
      onRecorder: (recorder) => {
        recorders.push(recorder);
        options.onRecorder?.(recorder);
      },
    });
  return {
    runtime: { ...nodeRuntime, build },
    recorders,
    close: async () => {
      const ends = await Promise.all(recorders.map((recorder) => recorder.close()));
      for (const { error } of ends) if (error !== undefined) throw error;
    },
  };
}
