import { ANY, isLike } from './like.ts';

export function textDifferences(shown: string, output: string, exact: boolean): string[] {
  const [expected, actual] = [shown, output].map(linesOf) as [string[], string[]];
  return matches(expected, actual, exact) ? [] : [`expected: ${expected.join('\n')}`];
}

function matches([first, ...rest]: string[], actual: string[], exact: boolean): boolean {
  if (first === undefined) return actual.length === 0;
  if (first.trim() === ANY) return actual.concat('').some((_, skipped) => matches(rest, actual.slice(skipped), exact));
  const [line, ...others] = actual;
  return line !== undefined && isLike(first, line, exact) && matches(rest, others, exact);
}

function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}
