import type { ConnectionStats } from "@oath-ws/contract";
import type { Supervisor } from "../core/supervisor.js";
import type { ConnectionActor } from "./actor.js";
import type { Link } from "./link.js";
import type { RecvBuffer } from "./recv-buffer.js";

/**
 * Reads the figures of a connection. Everything is counted for other purposes already.
 *
 * @param link the open connection
 */
export function connectionStats(
  {
    inbound,
    sends,
    outbound,
    leaf,
  }: Pick<ConnectionActor, "inbound" | "sends" | "outbound" | "leaf">,
  at: number,
  supervisor: Supervisor,
  recv: RecvBuffer,
  link: Link | undefined,
): ConnectionStats {
  const { snapshot } = supervisor;
  const { connection, phase, epoch, endpoint, attempts, staleCount, downSince } = snapshot;
  const since = (then: number | undefined): number | undefined =>
    then === undefined ? undefined : Math.max(0, at - then);
  return {
    connection,
    at,
    phase,
    epoch,
    endpoint,
    totalReceivedFrames: recv.totalFrames,
    totalReceivedBytes: recv.totalBytes,
    totalLaggedFrames: recv.totalLagged,
    totalLaggedBytes: recv.totalLaggedBytes,
    bufferedFrames: recv.size,
    bufferedBytes: recv.bytes,
    readerBehindMs: recv.readerBehindMs,
    dataAgeMs: since(inbound.lastDataAt),
    inboundAgeMs: since(inbound.lastInboundAt),
    isPaused: link?.isPaused ?? false,
    totalSentFrames: sends.sentCount,
    unsettledSends: sends.unsettled,
    unsettledBytes: sends.unsettledBytes,
    oldestUnsettledMs: since(sends.oldestUnsettledAt) ?? 0,
    socketBytes: link?.bufferedBytes ?? 0,
    roundTripMs: outbound.roundTripMs,
    slackMs: outbound.slackMs,
    totalAttempts: attempts,
    attemptsByEndpoint: supervisor.attempts,
    failures: supervisor.failures,
    totalStale: staleCount,
    totalDownMs: snapshot.totalDownMs + (since(downSince) ?? 0),
    waitingFor: snapshot.waitingFor,
    totalGateWaitMs: supervisor.gateWaitMs(at),
    lingeringSockets: leaf.lingeringSockets?.(),
    tls: inbound.tls,
  };
}
