/** Which way: what the dialling side sends goes `toServer`. */
export type Direction = "toServer" | "toClient";

/** What {@link VirtualNetwork.observe} is told, in the order in which it happens. */
export type NetworkEvent = {
  /** The world's monotonic clock. */
  readonly atMs: number;
  /** Number of the dial, from 1 on in the whole network. */
  readonly connection: number;
} & (
  | {
      readonly kind: "dial";
      readonly from: string;
      readonly host: string;
      readonly port: number;
    }
  | { readonly kind: "dial-failed"; readonly code: string }
  | { readonly kind: "opened" }
  /** A packet leaves. */
  | { readonly kind: "sent"; readonly direction: Direction; readonly bytes: Uint8Array }
  /** A socket is read. */
  | { readonly kind: "read"; readonly direction: Direction; readonly bytes: Uint8Array }
  /** One end learns that the connection is over. */
  | { readonly kind: "failed"; readonly at: "client" | "server"; readonly code: string }
  /** One end closes, or resets, its socket. */
  | { readonly kind: "closed"; readonly at: "client" | "server"; readonly isReset: boolean }
);

/** Of a union, each member without what the network itself adds. */
export type NetworkEventInit = NetworkEvent extends infer Event
  ? Event extends NetworkEvent
    ? Omit<Event, "atMs" | "connection">
    : never
  : never;
