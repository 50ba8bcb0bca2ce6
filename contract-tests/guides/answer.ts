import { httpDifferences } from './http_answer.ts';
import { jsonDifferences } from './json_answer.ts';
import type { Block } from './parse.ts';
import { textDifferences } from './text_answer.ts';

/** What the output has otherwise than the answer that the guide shows; empty when they agree. */
export function differences({ language, words, text }: Pick<Block, 'language' | 'words' | 'text'>, output: string) {
  const exact = words.includes('exact');
  if (language === 'json') return jsonDifferences(text, output, exact);
  if (language === 'http') return httpDifferences(text, output, exact);
  if (language === 'text') return textDifferences(text, output, exact);
  return [`an answer is json, http or text, not ${language}`];
}
