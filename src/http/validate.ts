import * as bodies from '../../generated/validators/bodies.cjs';
import type { ValidationError, Validator } from '../../generated/validators/queries.cjs';
import * as queries from '../../generated/validators/queries.cjs';
import type { ErrorCode } from '../errors/catalogue.ts';
import { type FieldErrors, fail, failFields } from '../errors/fail.ts';
import type { OperationId } from './handler.ts';
import type { Operation } from './operation.ts';
import { isCleanText, parseQuery } from './query.ts';

const bodyValidators = bodies as unknown as Record<string, Validator | undefined>;
const queryValidators = queries as unknown as Record<string, Validator | undefined>;

/** Fails closed: an operation that takes a JSON body or a query must have its compiled validator. */
export function assertValidators(operations: readonly Operation[]): void {
  for (const { id, body } of operations) {
    if (!queryValidators[id]) throw new Error(`${id} has no compiled query validator; run npm run generate`);
    if (body === 'json' && !bodyValidators[id])
      throw new Error(`${id} has no compiled body validator; run npm run generate`);
  }
}

/** The query as the document types it (integers and booleans converted), or the failing parameters. */
export function validateQuery(
  operation: Operation,
  text: string,
  documented: ReadonlySet<string>,
): Record<string, unknown> {
  const query = parseQuery(text, (name) => !operation.openQuery || documented.has(name));
  check(queryValidators[operation.id], query);
  return query;
}

/** The JSON body, or the failing fields. In an absent one each required field is named; where none is, it is no JSON. */
export function validateBody(operation: Operation, body: unknown, text: string): unknown {
  if (body === undefined && !operation.bodyRequired) return undefined;
  check(bodyValidators[operation.id], body === undefined ? {} : body);
  if (body === undefined) throw fail('invalid_json');
  if (text.includes('\\u')) checkText(body, '');
  return body;
}

/** The fields of a page's form, by the rules of the operation that does the same. */
export function checkBody(id: OperationId, body: unknown): void {
  check(bodyValidators[id], body);
}

function check(validator: Validator | undefined, value: unknown): void {
  if (validator === undefined) throw new Error('no compiled validator');
  if (!validator(value)) throw failFields(fieldErrors(validator.errors ?? []));
}

const MAX_FIELDS = 50;

function fieldErrors(errors: readonly ValidationError[]): FieldErrors {
  const fields: FieldErrors = Object.create(null);
  for (const error of errors) {
    const [field, code] = fieldAndCode(error);
    if (Object.keys(fields).length >= MAX_FIELDS) break;
    if (!fields[field]) fields[field] = [code];
  }
  return fields;
}

function fieldAndCode({ instancePath, keyword, params }: ValidationError): [string, ErrorCode] {
  if (keyword === 'required') return [join(instancePath, String(params['missingProperty'])), 'is_blank'];
  if (keyword === 'additionalProperties')
    return [join(instancePath, String(params['additionalProperty'])), 'unknown_field'];
  const blank = (keyword === 'minLength' || keyword === 'minItems') && params['limit'] === 1;
  return [join(instancePath), blank ? 'is_blank' : 'invalid_format'];
}

/** A JSON pointer as a dotted field name: `/files/3/path` → `files.3.path`; the body itself is `generic`. */
function join(pointer: string, last = ''): string {
  const path = pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  return [path, last].filter(Boolean).join('.') || 'generic';
}

function checkText(value: unknown, field: string): void {
  if (typeof value === 'string' && !isCleanText(value)) throw fail('invalid_format', { field: field || 'generic' });
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) checkText(child, field ? `${field}.${key}` : key);
}
