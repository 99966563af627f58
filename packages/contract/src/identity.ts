/**
 * Which connection something belongs to. The same frozen object is in every trace event, snapshot
 * and error of a connection.
 */
export interface ConnectionIdentity {
  /**
   * Unique over processes and time: 32 hexadecimal digits, drawn when the connection was opened. It
   * stays the same over all epochs.
   */
  readonly id: string;
  /**
   * For people: the `name` option, or the host and port of the URL. Further connections of the same
   * name get `#2`, `#3` and so on behind it; a number is given again once its connection has ended.
   */
  readonly name: string;
}
