import { curl } from './curl.ts';
import { type Node, operationsOf } from './document.ts';
import { go } from './go.ts';
import { javascript } from './javascript.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { requestOf, type SampleRequest } from './request.ts';
import { ruby } from './ruby.ts';

/** As Redoc and Scalar read it; `lang` is what both highlight by. */
export interface CodeSample {
  readonly lang: string;
  readonly label: string;
  readonly source: string;
}

export interface Language {
  readonly lang: string;
  readonly label: string;
  readonly write: (request: SampleRequest) => string;
}

export const languages: readonly Language[] = [
  { lang: 'bash', label: 'curl', write: curl },
  { lang: 'javascript', label: 'JavaScript', write: javascript },
  { lang: 'python', label: 'Python', write: python },
  { lang: 'go', label: 'Go', write: go },
  { lang: 'ruby', label: 'Ruby', write: ruby },
  { lang: 'php', label: 'PHP', write: php },
];

/** The samples of every operation, by operationId. */
export function samplesOf(document: Node): ReadonlyMap<string, readonly CodeSample[]> {
  return new Map(
    operationsOf(document).map((operation) => {
      const request = requestOf(document, operation);
      return [operation.id, languages.map(({ lang, label, write }) => ({ lang, label, source: write(request) }))];
    }),
  );
}

/** The document with `x-codeSamples` on every operation; the one that is given stays as it is. */
export function addSamples<T extends object>(document: T): T {
  const copy = structuredClone(document);
  const samples = samplesOf(copy as Node);
  for (const { id, node } of operationsOf(copy as Node)) Object.assign(node, { 'x-codeSamples': samples.get(id) });
  return copy;
}
