/**
 * An option or a control command that cannot work. Nothing was started or changed; the message
 * names the culprit.
 */
export class SimOptionError extends TypeError {
  override readonly name: string = "SimOptionError";
  /** Dotted path of the offending option, as in `keepalive.pingIntervalMs`. */
  readonly option: string;

  constructor(option: string, problem: string) {
    super(`${option}: ${problem}`);
    this.option = option;
  }
}
