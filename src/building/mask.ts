/** What stands in a log in the place of a secret. */
const MASK = Buffer.from('***');
/** A line of a secret of several lines is masked alone too, unless it is as short as a brace. */
const SHORTEST_LINE = 4;

export interface Mask {
  /** Takes bytes as they come; answers those that can be shown already. */
  push(bytes: Buffer): Buffer;
  /** The rest. */
  end(): Buffer;
}

/** Masks secrets in a stream, also where they are cut over several pieces of it. */
export function createMask(secrets: Iterable<string>): Mask {
  const needles = needlesOf(secrets);
  // What may be the beginning of a secret; its first `covered` bytes belong to one that is masked already.
  let tail: Buffer = Buffer.alloc(0);
  let covered = 0;

  function advance(bytes: Buffer, last: boolean): Buffer {
    if (needles.length === 0) return bytes;
    const all = tail.length === 0 ? bytes : Buffer.concat([tail, bytes]);
    const open = last ? all.length : openEnd(all, needles);
    const shown: Buffer[] = [];
    let at = covered;
    for (const { start, end } of matches(all, needles)) {
      if (start >= open) break;
      if (start >= at) shown.push(all.subarray(at, start), MASK);
      at = Math.max(at, end);
    }
    if (at < open) shown.push(all.subarray(at, open));
    tail = Buffer.from(all.subarray(open));
    covered = Math.max(0, at - open);
    return Buffer.concat(shown);
  }

  return { push: (bytes) => advance(bytes, false), end: () => advance(Buffer.alloc(0), true) };
}

export function maskText(text: string, secrets: Iterable<string>): string {
  const mask = createMask(secrets);
  return Buffer.concat([mask.push(Buffer.from(text)), mask.end()]).toString();
}

function needlesOf(secrets: Iterable<string>): Buffer[] {
  const texts = new Set<string>();
  for (const secret of secrets) {
    if (secret.trim() === '') continue;
    texts.add(secret);
    // Programs print what they read without the end of the line.
    texts.add(secret.trim());
    for (const line of secret.split(/\r?\n/)) if (line.trim().length >= SHORTEST_LINE) texts.add(line.trim());
  }
  return [...texts].map((text) => Buffer.from(text));
}

/** Where secrets stand, in order of their start; they may overlap. */
function matches(all: Buffer, needles: readonly Buffer[]): { start: number; end: number }[] {
  const found = needles.flatMap((needle) => {
    const places = [];
    for (let start = all.indexOf(needle); start >= 0; start = all.indexOf(needle, start + 1))
      places.push({ start, end: start + needle.length });
    return places;
  });
  return found.sort((a, b) => a.start - b.start);
}

/** From where on the bytes may be the beginning of a secret whose end is still to come. */
function openEnd(all: Buffer, needles: readonly Buffer[]): number {
  let open = all.length;
  for (const needle of needles) {
    const first = needle.subarray(0, 1);
    let at = all.indexOf(first, Math.max(0, all.length - needle.length + 1));
    for (; at >= 0 && at < open; at = all.indexOf(first, at + 1)) {
      if (needle.subarray(0, all.length - at).equals(all.subarray(at))) open = at;
    }
  }
  return open;
}
