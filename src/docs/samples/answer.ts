import { type Node, type Operation, resolve } from './document.ts';
import { fileName } from './file_name.ts';

/**
 * What is done with the answer. `events`: a stream of JSON, one event on a line; `log`: a stream of text; `page`: a person
 * reads it in a browser, so that the sample only names its address.
 */
export type Answer =
  { readonly kind: 'json' | 'events' | 'log' | 'nothing' | 'page' } | { readonly kind: 'file'; readonly name: string };

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/zip': 'zip',
  'application/octet-stream': 'bin',
  'text/csv': 'csv',
  'text/javascript': 'js',
};

export function answerOf(document: Node, { id, path, node }: Operation): Answer {
  const responses = node['responses'] as Readonly<Record<string, unknown>>;
  const success = resolve(document, responses['200'] ?? responses['201']);
  const [mediaType] = Object.keys((success['content'] ?? {}) as Node);
  if (mediaType === undefined) return { kind: 'nothing' };
  if (mediaType === 'application/json') return { kind: 'json' };
  if (mediaType === 'text/html') return { kind: 'page' };
  if (node['x-stream'] === true) return { kind: mediaType === 'text/plain' ? 'log' : 'events' };
  const extension = EXTENSIONS[mediaType];
  if (extension === undefined) throw new Error(`no sample can be made of the ${mediaType} of ${id}`);
  return { kind: 'file', name: fileName(path, extension) };
}
