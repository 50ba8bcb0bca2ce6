/** Any node of the document. */
export type Node = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly node: Node;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

export function operationsOf(document: Node): readonly Operation[] {
  return Object.entries(document['paths'] as Record<string, Node>).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => {
      const node = item[method] as Node;
      return { id: String(node['operationId']), method: method.toUpperCase(), path, node };
    }),
  );
}

/** Follows a local reference of a bundle. */
export function resolve(document: Node, node: unknown): Node {
  const { $ref } = (node ?? {}) as { $ref?: string };
  if ($ref === undefined) return (node ?? {}) as Node;
  const target = $ref
    .slice('#/'.length)
    .split('/')
    .reduce((at: unknown, key) => (at as Node)[key], document);
  return resolve(document, target);
}
