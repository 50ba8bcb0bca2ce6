import type { OpenAPIV3 } from 'openapi-types';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

export interface ListedOperation {
  readonly id: string;
  readonly tag: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
}

/** The operations in the order of the document. */
export function listOperations(document: Pick<OpenAPIV3.Document, 'paths'>): readonly ListedOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item?.[method];
      if (!operation) return [];
      const { operationId = '', tags = [], summary = '' } = operation;
      return [{ id: operationId, tag: tags[0] ?? '', method: method.toUpperCase(), path, summary }];
    }),
  );
}

/** The name of a tag for people: `download_tokens` → `Download tokens`. */
export function tagTitle(name: string): string {
  const words = name.replaceAll('_', ' ').replace(/^oauth2$/, 'OAuth 2');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
