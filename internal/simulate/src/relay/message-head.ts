/** Of a message of the stream, what the checks need. */
export interface MessageHead {
  readonly kind: string;
  readonly term: number;
  /** The owner's name for its line. */
  readonly line: string;
}

const decoder = new TextDecoder();
const HEADS = new WeakMap<Uint8Array, MessageHead>();

/** Reads it apart from the relay's own codec, so that both cannot share a misunderstanding. */
export function headOf(data: Uint8Array): MessageHead {
  const known = HEADS.get(data);
  if (known !== undefined) return known;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const text = decoder.decode(data.subarray(8, 8 + view.getUint32(4)));
  const head = JSON.parse(text) as MessageHead;
  HEADS.set(data, head);
  return head;
}
