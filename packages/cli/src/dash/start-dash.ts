import type { ListenAddress } from "../local/listen-address.js";
import { serveDash } from "./serve-dash.js";
import type { Dash } from "./serve-dash.js";
import type { Simulator } from "./simulator.js";
import { Watch } from "./watch.js";

/** A dashboard of this process, and what it knows. */
export interface RunningDash extends Dash {
  readonly watch: Watch;
}

/** How a command starts its dashboard. */
export interface StartDashOptions {
  readonly address: ListenAddress;
  readonly simulators?: readonly Simulator[];
  readonly onAddress: (url: string) => void;
}

/**
 * Watches this process from now on, and serves the dashboard. Connections that were opened before
 * are not shown. Rejects when the port is taken, and when the page was not built.
 */
export async function startDash(options: StartDashOptions): Promise<RunningDash> {
  const watch = new Watch();
  try {
    const { address, simulators = [], onAddress } = options;
    const dash = await serveDash({ address, watch, simulators, onAddress });
    return {
      url: dash.url,
      watch,
      close: async () => {
        watch.stop();
        await dash.close();
      },
    };
  } catch (error) {
    watch.stop();
    throw error;
  }
}
