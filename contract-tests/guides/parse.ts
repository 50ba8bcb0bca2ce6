/** A fenced block of a guide. */
export interface Block {
  /** Of its opening fence, from 1. */
  line: number;
  language: string;
  /** What follows the language: `answer`, `shown`, `file=sell.py` … */
  words: string[];
  text: string;
  /** Inside `<!-- prepared … -->`. */
  prepared: boolean;
  /** Of the comment `<!-- shown: … -->` above it. */
  reason: string | undefined;
}

const OPENING = /^( *)(`{3,}|~{3,})([^\s`]*)(.*)$/;

/** The fenced blocks in their order, without the indentation of the list items that they stand in. */
export function parseGuide(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let prepared = false;
  let reason: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '<!-- prepared') prepared = true;
    if (line.trim() === '-->') prepared = false;
    reason = /^ *<!-- shown: (.+) -->$/.exec(line)?.[1] ?? reason;
    const opening = OPENING.exec(line);
    if (!opening) continue;
    const [, indent = '', fence = '', language = '', info = ''] = opening;
    const end = lines.findIndex((other, index) => index > at && other.trim() === fence);
    if (end < 0) throw new Error(`line ${at + 1}: the block has no end`);
    const body = lines.slice(at + 1, end).map((each) => (each.startsWith(indent) ? each.slice(indent.length) : each));
    const words = info.split(' ').filter((word) => word !== '');
    blocks.push({ line: at + 1, language, words, text: `${body.join('\n')}\n`, prepared, reason });
    reason = undefined;
    at = end;
  }
  return blocks;
}

/** The name behind `file=`. */
export function fileOf({ words }: Block): string | undefined {
  return words.find((word) => word.startsWith('file='))?.slice('file='.length);
}
