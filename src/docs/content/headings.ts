import { marked } from 'marked';
import { createSlugger, headingAnchor } from './anchors.ts';

interface Token {
  readonly type: string;
  readonly text?: string;
  readonly tokens?: readonly Token[];
}

export interface Heading {
  readonly depth: number;
  /** As it is read. */
  readonly title: string;
  readonly anchor: string;
}

export function headingsOf(markdown: string): readonly Heading[] {
  const slugger = createSlugger();
  return marked.lexer(markdown).flatMap((token) => {
    if (token.type !== 'heading') return [];
    const title = plainText(token.tokens ?? []);
    return [{ depth: token.depth as number, title, anchor: headingAnchor(slugger(title)) }];
  });
}

/** Where each guide begins. */
export const titlesOf = (markdown: string): readonly Heading[] =>
  headingsOf(markdown).filter(({ depth }) => depth === 1);

/** What is read, without marks: of `` `code` `` it is `code`. */
export function plainText(tokens: readonly Token[]): string {
  return tokens.map(({ text = '', tokens: inner }) => (inner ? plainText(inner) : text)).join('');
}
