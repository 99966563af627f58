import type { Tracer } from "@oath-ws/contract";

const { console } = globalThis as unknown as {
  readonly console?: { warn(message: string, error: unknown): void };
};

/** For connections without a tracer: a callback that fails must not fail in silence. */
export const faultsOnConsole: Tracer = {
  trace(event) {
    if (event.kind !== "fault") return;
    const { connection, where, error } = event;
    console?.warn(`oath-ws: the ${where} of connection ${connection.name} failed`, error);
  },
};
