import type { Answered, FailedReply, Told } from "./protocol.js";

/**
 * The child's end of the channel: runs `handle` for every command, reports what it throws, and ends
 * with the parent.
 */
export function serveParent<C, R>(
  handle: (command: C, reply: (reply: R) => void) => Promise<void>,
): (reply: R) => void {
  const replyTo =
    (turn: number) =>
    (reply: R | FailedReply): void => {
      const answered: Answered<R> = { turn, reply };
      process.send?.(answered);
    };
  process.on("message", (message) => {
    const { turn, command } = message as Told<C>;
    const reply = replyTo(turn);
    handle(command, reply).catch((error: unknown) => {
      reply({
        kind: "failed",
        message: `failed: ${error instanceof Error ? error.message : String(error)}`,
      });
    });
  });
  process.on("disconnect", () => process.exit());
  return replyTo(0);
}
