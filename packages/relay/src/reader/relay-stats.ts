import type { ConnectionStats, LifecycleSnapshot } from "@oath-ws/contract";
import type { RecvBuffer } from "@oath-ws/resilience";

/** The figures of a relayed connection: nothing is sent, and the attempts are the owner's. */
export function relayStats(
  snapshot: LifecycleSnapshot,
  buffer: RecvBuffer,
  now: number,
  lastDataAt: number | undefined,
): ConnectionStats {
  const { connection, phase, epoch, endpoint, cause, waitingFor } = snapshot;
  const ageMs = lastDataAt === undefined ? undefined : now - lastDataAt;
  const { downSince } = snapshot;
  return {
    connection,
    at: now,
    phase,
    epoch,
    endpoint,
    totalReceivedFrames: buffer.totalFrames,
    totalReceivedBytes: buffer.totalBytes,
    totalLaggedFrames: snapshot.totalLagged,
    totalLaggedBytes: snapshot.totalLaggedBytes,
    bufferedFrames: buffer.size,
    bufferedBytes: buffer.bytes,
    readerBehindMs: buffer.readerBehindMs,
    dataAgeMs: ageMs,
    inboundAgeMs: ageMs,
    isPaused: false,
    totalSentFrames: 0,
    unsettledSends: 0,
    unsettledBytes: 0,
    oldestUnsettledMs: 0,
    socketBytes: 0,
    roundTripMs: undefined,
    slackMs: undefined,
    totalAttempts: snapshot.attempts,
    attemptsByEndpoint: [],
    failures: cause === undefined ? [] : [{ kind: cause.kind, code: cause.code, count: 1 }],
    totalStale: snapshot.staleCount,
    totalDownMs: snapshot.totalDownMs + (downSince === undefined ? 0 : now - downSince),
    waitingFor,
    totalGateWaitMs: 0,
    lingeringSockets: undefined,
    tls: undefined,
  };
}
