import { jsonDifferences } from './json_answer.ts';
import { isLike } from './like.ts';
import { textDifferences } from './text_answer.ts';

/** Status line, the headers that are shown, and the body. */
export function httpDifferences(shown: string, output: string, exact: boolean): string[] {
  const expected = parse(shown);
  const actual = parse(output);
  const missing = expected.headers.filter((header) => !actual.headers.some((other) => isLike(header, other, exact)));
  return [
    ...(isLike(expected.status, actual.status, exact) ? [] : [`expected ${expected.status}`]),
    ...missing.map((header) => `missing header ${header}`),
    ...bodyDifferences(expected.body, actual.body, exact),
  ];
}

function bodyDifferences(shown: string, actual: string, exact: boolean): string[] {
  const differ = /^\s*[[{]/.test(shown) ? jsonDifferences : textDifferences;
  return differ(shown, actual, exact);
}

function parse(text: string): { status: string; headers: string[]; body: string } {
  const end = text.indexOf('\n\n');
  const [head, body] = end < 0 ? [text.trimEnd(), ''] : [text.slice(0, end), text.slice(end + 2)];
  const [status = '', ...headers] = head.split('\n');
  // Names of headers are the same in any case (RFC 9110 §5.1).
  return { status, body, headers: headers.map((header) => header.replace(/^[^:]+/, (name) => name.toLowerCase())) };
}
