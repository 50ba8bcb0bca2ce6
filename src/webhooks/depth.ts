/** Levels. Vendors use about ten; a parser that calls itself for each is out of stack at some thousands. */
const DEEPEST = 100;

const [QUOTE, BACKSLASH] = ['"'.charCodeAt(0), '\\'.charCodeAt(0)];
const OPENING = [...'[{'].map((bracket) => bracket.charCodeAt(0));
const CLOSING = [...']}'].map((bracket) => bracket.charCodeAt(0));

/** Throws where lists and objects stand in one another deeper than is read. Looks at brackets only. */
export function requireShallow(json: string): void {
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === QUOTE) i = endOfText(json, i);
    else if (CLOSING.includes(code)) depth -= 1;
    else if (OPENING.includes(code)) depth += 1;
    if (depth > DEEPEST) throw new SyntaxError(`nested deeper than ${DEEPEST} levels`);
  }
}

/** Where the quote is that closes the one at `start`. */
export function endOfText(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end;
}

function isEscaped(json: string, at: number): boolean {
  let before = at;
  while (json.charCodeAt(before - 1) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 1;
}
