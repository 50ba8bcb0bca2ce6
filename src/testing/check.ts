import {
  bodyValidators,
  type Documented,
  explainErrors,
  globalErrors,
  isDocumentedPath,
  operationFor,
  responseValidators,
} from './document.ts';
import { idProblems, parseLossless } from './lossless.ts';

/** A request and its answer as they went over the wire. Header names in lower case. */
export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly requestBody?: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * What about an exchange contradicts the document: an undeclared status, media type, header, field or error code, a
 * body that its schema refuses when closed, an id that differs from its `_str`, a request that should not have passed.
 */
export function problemsOf(exchange: Exchange): string[] {
  const path = exchange.path.split('?')[0] ?? '';
  const operation = operationFor(exchange.method, path);
  const common = commonProblems(exchange);
  if (exchange.method === 'OPTIONS' && isDocumentedPath(path)) return [...common, ...optionsProblems(exchange)];
  if (operation === undefined) return [...common, ...globalProblems(exchange)];
  const response = operation.statuses.get(exchange.status);
  if (response === undefined)
    return isGlobal(exchange) ? common : [...common, `${operation.id} does not declare status ${exchange.status}`];
  const missing = response.requiredHeaders.filter((name) => !exchange.headers[name]);
  return [
    ...common,
    ...missing.map((name) => `${operation.id} ${exchange.status} lacks the header ${name}`),
    ...typeProblems(exchange, response.mediaTypes),
    ...(exchange.method === 'HEAD' ? emptyProblems(exchange) : bodyProblems(exchange, operation)),
    ...requestProblems(exchange, operation),
  ];
}

/** The codes in an error body, in order; OAuth's have one, as text (RFC 6749 §5.2). Empty for anything else. */
export function codesIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null || !('error' in body)) return [];
  const { error } = body;
  if (typeof error === 'string') return [error];
  return typeof error === 'object' && error !== null ? Object.values(error).flat().map(String) : [];
}

function commonProblems({ headers }: Exchange): string[] {
  const problems: string[] = [];
  if (headers['x-content-type-options'] !== 'nosniff') problems.push('X-Content-Type-Options is not nosniff');
  if (headers['server'] !== 'ContinuityApp Web Services') problems.push('Server is not the documented one');
  for (const name of ['request-id', 'cache-control', 'vary']) if (!headers[name]) problems.push(`${name} is missing`);
  return problems;
}

function optionsProblems({ status, headers, body }: Exchange): string[] {
  if (status === 403) return [];
  return status === 204 && headers['allow'] && body.length === 0 ? [] : [`OPTIONS answered ${status} without Allow`];
}

/** An error that belongs to no operation, such as https_required. */
function isGlobal({ status, body }: Exchange): boolean {
  const codes = codesIn(parsed(body));
  return codes.length === 1 && (globalErrors[status] ?? []).includes(codes[0] ?? '');
}

function globalProblems(exchange: Exchange): string[] {
  const { method, path, status, headers } = exchange;
  if (headers['content-type'] !== 'application/json') return [`${path}: ${headers['content-type']} is not JSON`];
  if (method !== 'HEAD' && !isGlobal(exchange)) return [`${method} ${path} is documented nowhere; answered ${status}`];
  return status === 405 && !headers['allow'] ? ['405 without Allow'] : [];
}

function typeProblems({ headers, status }: Exchange, mediaTypes: readonly string[]): string[] {
  const type = headers['content-type'];
  if (mediaTypes.length === 0) return type === undefined ? [] : [`${status} has no body, but is ${String(type)}`];
  return typeof type === 'string' && mediaTypes.includes(type)
    ? []
    : [`${status} is ${String(type)}, not ${mediaTypes.join(' or ')}`];
}

function emptyProblems({ body }: Exchange): string[] {
  return body.length === 0 ? [] : ['HEAD was answered with a body'];
}

function bodyProblems(exchange: Exchange, operation: Documented): string[] {
  const { status, headers, body } = exchange;
  if (headers['content-type'] === undefined) return emptyProblems({ ...exchange, method: 'HEAD' });
  if (operation.operation['x-stream'] === true && status === 200) return streamProblems(exchange, operation);
  const text = jsonOf(exchange);
  if (text === undefined) return body.length > 0 ? [] : [`${status} has an empty body`];
  let lossless: unknown;
  try {
    lossless = parseLossless(text);
  } catch (error) {
    return [`${status} is not JSON: ${String(error)}`];
  }
  const name = `${operation.id}_${status}`;
  const validator = responseValidators[name];
  if (!validator) return [`there is no schema for ${name}`];
  const valid = validator(JSON.parse(text));
  return [
    ...(valid ? [] : explainErrors(validator).map((problem) => `${name}: ${problem}`)),
    ...idProblems(lossless),
    ...codeProblems(status, lossless, operation),
  ];
}

/** A stream may be empty; a line of its own holds each event. */
function streamProblems({ headers, body }: Exchange, operation: Documented): string[] {
  const lines = body.toString().split('\n');
  if (headers['content-type'] === 'text/plain') return [];
  if (lines.pop() !== '') return ['the stream ends within a line'];
  const prefix = headers['content-type'] === 'text/event-stream' ? 'data: ' : '';
  const events = lines
    .filter((line) => line !== '' && line.startsWith(prefix))
    .map((line) => line.slice(prefix.length));
  return events.flatMap((text) => {
    const validator = responseValidators[`${operation.id}_200`];
    const valid = validator?.(JSON.parse(text)) ?? false;
    return [...(valid ? [] : [`no event: ${text}`]), ...idProblems(parseLossless(text))];
  });
}

/** The JSON text of a body; of JSON-P what stands between `name(` and `)`; undefined where the body is something else. */
function jsonOf({ headers, body, path }: Exchange): string | undefined {
  const type = headers['content-type'];
  if (type === 'application/json') return body.toString();
  const name = new URLSearchParams(path.split('?')[1]).get('callback');
  if (type !== 'application/javascript' || name === null) return undefined;
  const text = body.toString();
  return text.startsWith(`${name}(`) && text.endsWith(')') ? text.slice(name.length + 1, -1) : 'not JSON-P';
}

function codeProblems(status: number, body: unknown, operation: Documented): string[] {
  if (status < 400) return [];
  const codes = codesIn(body);
  if (codes.length === 0) return [`${operation.id} ${status} names no error code`];
  const known = [...(operation.errorCodes[status] ?? []), ...(globalErrors[status] ?? [])];
  return codes
    .filter((code) => !known.includes(code))
    .map((code) => `${operation.id} ${status} does not declare the code ${code}`);
}

/** The server must not accept what its document forbids. */
function requestProblems({ status, requestBody }: Exchange, operation: Documented): string[] {
  const validator = bodyValidators[operation.id];
  if (status >= 400 || !validator || validator(requestBody ?? {})) return [];
  return explainErrors(validator).map(
    (problem) => `${operation.id} accepted a body that breaks its schema: ${problem}`,
  );
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
