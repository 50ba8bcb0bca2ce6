import { type Node, type Operation, resolve } from './document.ts';
import { fileName } from './file_name.ts';

interface Kinds {
  json: { readonly value: unknown };
  form: { readonly fields: Readonly<Record<string, string>> };
  file: { readonly name: string };
}

export type Body = {
  [Kind in keyof Kinds]: { readonly kind: Kind; readonly mediaType: string | undefined } & Kinds[Kind];
}[keyof Kinds];

export function bodyOf(document: Node, { id, path, node }: Operation): Body | undefined {
  const { content = {} } = resolve(document, node['requestBody']) as { content?: Record<string, Node> };
  const [mediaType, { example } = {}] = Object.entries(content)[0] ?? [];
  if (mediaType === undefined) return undefined;
  if (mediaType === 'application/octet-stream') return { kind: 'file', name: fileName(path, 'bin'), mediaType };
  if (node['x-credentials'] === 'signature') return { kind: 'file', name: 'event.json', mediaType };
  if (example === undefined) throw new Error(`the body of ${id} has no example`);
  refuseRounded(example, id);
  return mediaType === 'application/x-www-form-urlencoded'
    ? { kind: 'form', fields: example as Record<string, string>, mediaType: undefined }
    : { kind: 'json', value: example, mediaType };
}

/** Ids are above 2^53: written as a number in JavaScript, one would be another id. */
function refuseRounded(value: unknown, id: string): void {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new Error(
      `the example of the body of ${id} has the number ${value}, which JavaScript rounds: use the string`,
    );
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) refuseRounded(part, id);
}
