import { createRequire } from 'node:module';
import document from '../../generated/openapi.json' with { type: 'json' };
import type { ValidationError, Validator } from '../../generated/validators/responses.cjs';

const require = createRequire(import.meta.url);

/** Closed schemas of every JSON response, as `operationId_status`. */
export const responseValidators = require('../../generated/validators/responses.cjs') as Record<
  string,
  Validator | undefined
>;
/** Schemas of the JSON bodies that operations take, as `operationId`. */
export const bodyValidators = require('../../generated/validators/bodies.cjs') as Record<string, Validator | undefined>;

/** Any node of the document that may be a reference. */
export type Node = Record<string, unknown>;

export interface DocumentedResponse {
  readonly mediaTypes: readonly string[];
  /** Lower case. */
  readonly requiredHeaders: readonly string[];
}

export interface Documented {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly surface: string;
  readonly statuses: ReadonlyMap<number, DocumentedResponse>;
  readonly errorCodes: Readonly<Record<string, readonly string[]>>;
  readonly parameters: readonly Node[];
  readonly operation: Node;
}

/** Follows a local reference of the bundle. Written for the tests alone: they must not trust the server's own reading. */
export function resolve(node: unknown): Node {
  const { $ref } = node as { $ref?: string };
  if ($ref === undefined) return node as Node;
  const target = $ref
    .slice(2)
    .split('/')
    .reduce((at: unknown, key) => (at as Node)[key], document);
  return resolve(target);
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

export const documented: readonly Documented[] = Object.entries(document.paths as Record<string, Node>).flatMap(
  ([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => read(path, method, item[method] as Node)),
);

/** Errors of no operation, by status. */
export const globalErrors: Readonly<Record<string, readonly string[]>> = document['x-global-errors'];

function read(path: string, method: string, operation: Node): Documented {
  const responses = Object.entries(operation['responses'] as Node);
  return {
    id: String(operation['operationId']),
    method,
    path,
    surface: String(operation['x-surface']),
    statuses: new Map(responses.map(([status, response]) => [Number(status), readResponse(resolve(response))])),
    errorCodes: (operation['x-error-codes'] ?? {}) as Documented['errorCodes'],
    parameters: ((operation['parameters'] ?? []) as unknown[]).map(resolve),
    operation,
  };
}

function readResponse({ content = {}, headers = {} }: Node): DocumentedResponse {
  const required = Object.entries(headers as Node).filter(([, header]) => resolve(header)['required'] === true);
  return {
    mediaTypes: Object.keys(content as Node),
    requiredHeaders: required.map(([name]) => name.toLowerCase()),
  };
}

const patterns = documented.map((operation) => {
  const source = operation.path.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return { operation, pattern: new RegExp(`^${source}$`), literal: !operation.path.includes('{') };
});

/** The operation that a request addresses; HEAD is that of a GET which ends. `path` comes without its query. */
export function operationFor(method: string, path: string): Documented | undefined {
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
  const found = patterns.filter(({ operation, pattern }) => operation.method === wanted && pattern.test(path));
  const addressed = (found.find(({ literal }) => literal) ?? found[0])?.operation;
  return method === 'HEAD' && addressed?.operation['x-stream'] === true ? undefined : addressed;
}

/** Whether any method is documented for the path. */
export function isDocumentedPath(path: string): boolean {
  return patterns.some(({ pattern }) => pattern.test(path));
}

export function explainErrors({ errors }: { errors?: ValidationError[] | null }): string[] {
  return (errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
  );
}
