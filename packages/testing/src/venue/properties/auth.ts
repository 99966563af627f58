import { isWsError } from "@oath-ws/contract";
import type { Scene } from "../scene.js";
import { expectThat } from "../violation.js";
import type { Property } from "./property.js";
import { UNLIMITED } from "./quick.js";

/** A few tries may be made, since a session may heal; more is hammering. */
const MAX_TRIES = 5;

/** Credentials that are no good any more, noticed with the next connection. */
export async function refused(scene: Scene): Promise<void> {
  await scene.untilLive();
  await scene.readMore();
  scene.venue.revoke();
  scene.venue.strike("reset");
  await scene.until("the credentials to be refused", () => scene.counts.authRefusals > 0);
}

export const AUTH: readonly Property[] = [
  {
    id: "permanent-auth-failure",
    claim:
      "credentials that are refused for good end the topic as failed, with the reason, after " +
      "a few tries; nothing is tried after that",
    // Tries alone decide here: after a session that was up it would take a quarter of an hour.
    options: {
      ...UNLIMITED,
      config: {
        ...UNLIMITED.config,
        attempts: { ...UNLIMITED.config?.attempts, permanentForMs: false },
      },
    },
    check: async (scene) => {
      await refused(scene);
      const failure = await scene.readToEnd().then(
        () => undefined,
        (error: unknown) => error,
      );
      expectThat(
        isWsError(failure),
        `the stream ended with ${String(failure)} instead of an error`,
      );
      expectThat(
        failure.kind === "auth",
        `the stream failed with ${failure.code} of kind ${failure.kind}`,
      );
      expectThat(scene.state.phase === "failed", `the topic is ${scene.state.phase}, not failed`);
      const { authRefusals, attempts } = scene.counts;
      expectThat(authRefusals <= MAX_TRIES, `the credentials were tried ${authRefusals} times`);
      expectThat(
        attempts.length <= 1 + MAX_TRIES,
        `there were ${attempts.length} attempts to connect`,
      );
      // No timer and no connection is left from which another try could come.
      await scene.until(
        "the connection to be gone",
        () => scene.runtime.living === 0 && scene.counts.open === 0,
      );
      expectThat(
        scene.runtime.pendingTimers === 0,
        `${scene.runtime.pendingTimers} timers still run`,
      );
    },
  },
];
