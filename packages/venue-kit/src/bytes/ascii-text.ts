/**
 * The text of some ASCII bytes, as a string that shares memory with nothing: a slice of a longer
 * string would keep the whole message alive for as long as one price of it.
 *
 * How this works: `String.fromCharCode` with a fixed number of arguments takes a third of the time
 * of a decoder, and half the time of an array of arguments. So the lengths that most prices and
 * quantities have are written out.
 */
export function asciiText(view: DataView, at: number, length: number): string {
  switch (length) {
    case 8:
      return text(
        view.getUint8(at),
        view.getUint8(at + 1),
        view.getUint8(at + 2),
        view.getUint8(at + 3),
        view.getUint8(at + 4),
        view.getUint8(at + 5),
        view.getUint8(at + 6),
        view.getUint8(at + 7),
      );
    case 9:
      return text(
        view.getUint8(at),
        view.getUint8(at + 1),
        view.getUint8(at + 2),
        view.getUint8(at + 3),
        view.getUint8(at + 4),
        view.getUint8(at + 5),
        view.getUint8(at + 6),
        view.getUint8(at + 7),
        view.getUint8(at + 8),
      );
    case 10:
      return text(
        view.getUint8(at),
        view.getUint8(at + 1),
        view.getUint8(at + 2),
        view.getUint8(at + 3),
        view.getUint8(at + 4),
        view.getUint8(at + 5),
        view.getUint8(at + 6),
        view.getUint8(at + 7),
        view.getUint8(at + 8),
        view.getUint8(at + 9),
      );
    case 11:
      return text(
        view.getUint8(at),
        view.getUint8(at + 1),
        view.getUint8(at + 2),
        view.getUint8(at + 3),
        view.getUint8(at + 4),
        view.getUint8(at + 5),
        view.getUint8(at + 6),
        view.getUint8(at + 7),
        view.getUint8(at + 8),
        view.getUint8(at + 9),
        view.getUint8(at + 10),
      );
    case 12:
      return text(
        view.getUint8(at),
        view.getUint8(at + 1),
        view.getUint8(at + 2),
        view.getUint8(at + 3),
        view.getUint8(at + 4),
        view.getUint8(at + 5),
        view.getUint8(at + 6),
        view.getUint8(at + 7),
        view.getUint8(at + 8),
        view.getUint8(at + 9),
        view.getUint8(at + 10),
        view.getUint8(at + 11),
      );
    case 13:
      return text(
        view.getUint8(at),
        view.getUint8(at + 1),
        view.getUint8(at + 2),
        view.getUint8(at + 3),
        view.getUint8(at + 4),
        view.getUint8(at + 5),
        view.getUint8(at + 6),
        view.getUint8(at + 7),
        view.getUint8(at + 8),
        view.getUint8(at + 9),
        view.getUint8(at + 10),
        view.getUint8(at + 11),
        view.getUint8(at + 12),
      );
    case 14:
      return text(
        view.getUint8(at),
        view.getUint8(at + 1),
        view.getUint8(at + 2),
        view.getUint8(at + 3),
        view.getUint8(at + 4),
        view.getUint8(at + 5),
        view.getUint8(at + 6),
        view.getUint8(at + 7),
        view.getUint8(at + 8),
        view.getUint8(at + 9),
        view.getUint8(at + 10),
        view.getUint8(at + 11),
        view.getUint8(at + 12),
        view.getUint8(at + 13),
      );
    case 15:
      return text(
        view.getUint8(at),
        view.getUint8(at + 1),
        view.getUint8(at + 2),
        view.getUint8(at + 3),
        view.getUint8(at + 4),
        view.getUint8(at + 5),
        view.getUint8(at + 6),
        view.getUint8(at + 7),
        view.getUint8(at + 8),
        view.getUint8(at + 9),
        view.getUint8(at + 10),
        view.getUint8(at + 11),
        view.getUint8(at + 12),
        view.getUint8(at + 13),
        view.getUint8(at + 14),
      );
    default: {
      if (length > LONGEST)
        return asciiText(view, at, LONGEST) + asciiText(view, at + LONGEST, length - LONGEST);
      let short = "";
      for (let index = 0; index < length; index++) short += text(view.getUint8(at + index));
      return short;
    }
  }
}

/** The greatest length that is written out. */
const LONGEST = 15;

const text = String.fromCharCode;
