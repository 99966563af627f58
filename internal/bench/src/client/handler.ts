import type { ClientCommand, ClientReply } from "../protocol.js";

export type Reply = (reply: ClientReply) => void;
export type Command<K extends ClientCommand["kind"]> = Extract<ClientCommand, { readonly kind: K }>;

/** What a measured process does when it is told something. */
export type Handler = (command: ClientCommand, reply: Reply) => Promise<void>;

export function misdirected(command: ClientCommand): Error {
  return new Error(`this row does not understand "${command.kind}"`);
}
