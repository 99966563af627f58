import { WebSocket } from "ws";

/**
 * A server-side `ws` socket whose `close` can be held back. `ws` calls `close` itself when the
 * peer's close frame arrives, so this one override is enough to answer late (behind bytes that are
 * still queued) or never.
 */
export class SimWebSocket extends WebSocket {
  /** Called instead of closing; closing happens when it calls `proceed`. Absent: close at once. */
  closeGate: ((proceed: () => void) => void) | undefined;

  override close(code?: number, data?: string | Buffer): void {
    const proceed = (): void => super.close(code, data);
    if (this.closeGate === undefined) proceed();
    else this.closeGate(proceed);
  }
}
