/** Longest escape sequence of a terminal that is waited for: what is longer is none. */
const LONGEST_ESCAPE = 256;

const ESC = 0x1b;
const CR = 0x0d;

/**
 * How many of the bytes can be shown before more come: an escape sequence, a character or the end of a line that is cut
 * in two waits for its other half.
 */
export function showable(bytes: Buffer): number {
  let end = halfEscape(bytes) ?? bytes.length - halfCharacter(bytes);
  while (end > 0 && bytes[end - 1] === CR) end--;
  return end;
}

/** What terminals take as commands (ECMA-48 §5.3, §5.4, §8.3.89), up to any place before their end. */
const HALF_ESCAPE = /^\x1b(?:[ -/]*|\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?)$/;

/** Where the escape sequence begins that the bytes end in; undefined where they end in none. */
function halfEscape(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(ESC, -LONGEST_ESCAPE); at >= 0; at = bytes.indexOf(ESC, at + 1))
    if (HALF_ESCAPE.test(bytes.toString('latin1', at))) return at;
  return undefined;
}

/** How many bytes at the end are the start of a UTF-8 character (RFC 3629 §3). */
function halfCharacter(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes.at(-back) ?? 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])/g;
/** All but tab and line feed, which text has. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** A log as text to read: without colours and other commands for terminals, each line on its own. */
export function readable(bytes: Buffer): string {
  return bytes
    .toString()
    .replace(/\r+\n?/g, '\n')
    .replace(ESCAPES, '')
    .replace(CONTROLS, '');
}
