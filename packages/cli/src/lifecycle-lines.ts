import type { Lifecycle, LifecycleSnapshot } from "oath-ws";
import { causeRecord, causeText } from "./error-line.js";
import type { Output } from "./output.js";

/** What {@link printLifecycle} is told besides. */
export interface LifecyclePrintOptions {
  /** The connection's number, where there can be several. */
  readonly connection?: number;
  /** Called in every new epoch. */
  readonly onEpoch?: (epoch: number) => void;
}

/**
 * Prints the changes of a connection until its last: every one for machines, those of phase and
 * epoch for people.
 */
export async function printLifecycle(
  lifecycle: Lifecycle,
  output: Output,
  { connection, onEpoch }: LifecyclePrintOptions = {},
): Promise<void> {
  let epoch = 0;
  let phase: LifecycleSnapshot["phase"] | undefined;
  const label = connection === undefined ? "" : `connection ${connection} `;
  for await (const snapshot of lifecycle) {
    const turned = snapshot.phase !== phase || snapshot.epoch !== epoch;
    await output.show(
      () => ({
        type: "snapshot",
        ...snapshotRecord(snapshot),
        // The number of the connection on the other lines; its id and name stand beside it.
        ...(connection === undefined ? {} : { connection, identity: snapshot.connection }),
      }),
      () => (turned ? `${output.stamp()} -- ${label}${snapshotLine(snapshot)}` : undefined),
    );
    if (snapshot.epoch !== epoch) onEpoch?.(snapshot.epoch);
    ({ epoch, phase } = snapshot);
  }
}

function snapshotRecord(snapshot: LifecycleSnapshot): object {
  return { ...snapshot, cause: causeRecord(snapshot.cause) };
}

function snapshotLine(snapshot: LifecycleSnapshot): string {
  const { phase, epoch, attempts, totalLagged, totalDownMs, cause } = snapshot;
  const failed = phase === "connecting" || phase === "reconnecting" || phase === "unrecoverable";
  const why = failed ? causeText(cause) : "";
  return (
    `${phase}: epoch ${epoch}, attempts ${attempts}, lagged ${totalLagged}, down ` +
    `${Math.round(totalDownMs)} ms in all${why}`
  );
}
