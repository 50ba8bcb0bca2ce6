/** The path rules of a manifest, the same for the client that builds one and the server that refuses one. */

// One under the 4,096 of PATH_MAX, which counts the NUL at the end: unzip cuts off a longer name.
const MAX_PATH_BYTES = 4_095;
const MAX_SEGMENT_BYTES = 255;

/** Cc control, Cs lone surrogate (the u flag joins pairs), bidi controls (UAX #9 table 4), what Windows forbids. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069:<>"|?*\\]/u;
const DRIVE = /^[A-Za-z]:/;
/** Windows opens the device whatever the extension, and trims spaces before it; superscript digits count as digits. */
const DEVICE = /^(?:con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** What is wrong with the path, in words for people, or undefined. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (path.length > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  if (path.startsWith('/')) return 'is absolute';
  if (DRIVE.test(path)) return 'starts with a drive letter';
  if (path.includes('\\')) return 'contains a backslash';
  const forbidden = FORBIDDEN.exec(path);
  if (forbidden) return `contains the forbidden character ${codePoint(forbidden[0])}`;
  const ascii = PRINTABLE_ASCII.test(path);
  if (!ascii && Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  if (!ascii && path.normalize('NFC') !== path) return 'is not in Unicode normalisation form C';
  for (const segment of path.split('/')) {
    const problem = segmentProblem(segment, ascii);
    if (problem) return problem;
  }
  return undefined;
}

function segmentProblem(segment: string, ascii: boolean): string | undefined {
  if (segment === '') return 'has an empty part between slashes';
  if (segment === '.' || segment === '..') return `has the part "${segment}"`;
  if (segment.endsWith('.') || segment.endsWith(' ')) return 'has a part that ends in a dot or a space';
  if ((ascii ? segment.length : Buffer.byteLength(segment)) > MAX_SEGMENT_BYTES)
    return `has a part longer than ${MAX_SEGMENT_BYTES} bytes`;
  if (DEVICE.test(segment)) return 'has a part that is the name of a Windows device';
  return undefined;
}

function codePoint(char: string): string {
  return `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

export interface Collision {
  /** Index of the path that would replace, or need, the other on some file system; the later one of the input. */
  index: number;
  with: number;
  kind: 'same' | 'file_and_folder';
}

/**
 * Paths that cannot live together on a file system that ignores case: equal when folded, or one a folder of another.
 * Each entry is one colliding neighbour pair; `limit` bounds how many are returned.
 */
export function collisions(paths: readonly string[], limit = 50): Collision[] {
  // A slash becomes U+0001, which no valid path holds and which sorts first: whatever lies in the folder "a"
  // then follows the file "a" directly, so that neighbours are all that has to be compared.
  const keys = paths.map((path, index) => ({ key: fold(path).replaceAll('/', '\u0001'), index }));
  keys.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index));
  const found: Collision[] = [];
  let previous = keys[0];
  for (let at = 1; at < keys.length && found.length < limit; at++) {
    const current = keys[at];
    if (!current || !previous) break;
    const same = current.key === previous.key;
    const inside = current.key.startsWith(`${previous.key}\u0001`);
    if (same || inside) {
      const [index, other] = [Math.max(current.index, previous.index), Math.min(current.index, previous.index)];
      found.push({ index, with: other, kind: same ? 'same' : 'file_and_folder' });
    }
    // The file stays the one to compare with, so that everything inside "it" is found, not the first entry alone.
    if (!inside) previous = current;
  }
  return found;
}

const foldedChars = new Map<string, string>();

/** Unicode simple case folding: mappings that change the number of characters (ß → SS) are not applied. */
export function fold(path: string): string {
  if (PRINTABLE_ASCII.test(path)) return path.toLowerCase();
  let folded = '';
  for (const char of path) folded += foldChar(char);
  return folded.normalize('NFC');
}

function foldChar(char: string): string {
  const known = foldedChars.get(char);
  if (known !== undefined) return known;
  const folded = single(single(char, char.toUpperCase()), single(char, char.toUpperCase()).toLowerCase());
  foldedChars.set(char, folded);
  return folded;
}

function single(char: string, mapped: string): string {
  return [...mapped].length === 1 ? mapped : char;
}

const SURROGATE = /[\ud800-\udfff]/;

/** The order of UTF-8 bytes, which differs from that of UTF-16 units where surrogates meet U+E000 to U+FFFF. */
export function compareBytes(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}
