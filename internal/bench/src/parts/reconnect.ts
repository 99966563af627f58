import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import type { Plan } from "../plan.js";
import type { Reconnected } from "../protocol.js";
import { measureRounds } from "../rounds.js";
import type { Measured } from "../rounds.js";
import { BASE_ROW, RECONNECT_ROWS } from "../rows.js";
import type { ReconnectRow } from "../rows.js";

export type ReconnectCell = Measured<ReconnectRow, Reconnected>;

/** From the reset of a connection to the first frame of the next. */
export async function measureReconnect(
  { reconnect }: Plan,
  feeder: FeederLink,
  note: (text: string) => void,
): Promise<ReconnectCell[]> {
  note("reconnect");
  const once = async (_row: ReconnectRow, child: ClientChild): Promise<Reconnected> => {
    child.tell({ kind: "reconnect", url: feeder.url("/greet").url, resets: reconnect.resets });
    const { kind: _, ...reconnected } = await child.expect("reconnected");
    return reconnected;
  };
  return withRows("reconnect", RECONNECT_ROWS, [], (started) =>
    measureRounds(started, {
      base: BASE_ROW,
      beside: "once",
      warmUp: 2,
      repeats: reconnect.repeats,
      once,
    }),
  );
}
