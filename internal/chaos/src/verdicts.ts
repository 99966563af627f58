import { checkFrames } from "./check-frames.js";
import { checkLifecycle } from "./check-lifecycle.js";
import { checkSends } from "./check-sends.js";
import { epochsOf } from "./epochs.js";
import type { Session } from "./session.js";
import type { VenueRecord } from "./venue.js";

/** More of the same tells nothing new. */
const MAX_EACH = 5;

/** What is wrong with a session that is over. */
export function verdictsOn(session: Session, records: readonly VenueRecord[]): string[] {
  const epochs = epochsOf(session, records);
  const last = session.connection.lifecycle.snapshot;
  return [
    ...some(checkFrames({ epochs, delivered: session.reader.frames, last })),
    ...some(checkSends({ epochs, sends: session.sends.records })),
    ...some(
      checkLifecycle({
        trace: session.trace,
        seen: [session.watched, session.heard],
        last,
        authCalls: session.tokens.calls,
      }),
    ),
  ];
}

function some(violations: Iterable<string>): string[] {
  return [...violations].slice(0, MAX_EACH);
}
