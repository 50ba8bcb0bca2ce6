import { request as send } from 'node:http';
import { type Exchange, problemsOf } from './check.ts';
import { parseLossless } from './lossless.ts';

export interface Send {
  /** API key, sent as Bearer. */
  readonly as?: string;
  /** Parameters added to the path. */
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as application/json. */
  readonly json?: unknown;
  /** Sent as they are: as application/json where text, application/octet-stream where bytes, unless `headers` say else. */
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Exchange['headers'];
  readonly body: Buffer;
  /** The parsed body, integers beyond a double as bigint; undefined where it is not JSON. Untyped on purpose. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads into bodies whose shape the document has already checked
  readonly json: any;
}

export interface TestClient {
  /** Rejects, naming every contradiction, when the exchange is not what the document says. */
  request(method: string, path: string, options?: Send): Promise<Answer>;
  get(path: string, options?: Send): Promise<Answer>;
  post(path: string, options?: Send): Promise<Answer>;
  put(path: string, options?: Send): Promise<Answer>;
  patch(path: string, options?: Send): Promise<Answer>;
  delete(path: string, options?: Send): Promise<Answer>;
}

/** A client that checks every exchange against the bundle, wherever in a test it happens. */
export function createClient(baseUrl: string): TestClient {
  const request: TestClient['request'] = async (method, path, options = {}) => {
    const sent = fullPath(path, options);
    const { status, headers, body } = await exchange(baseUrl, method, sent, options);
    const requestBody = bodyOf(options);
    const problems = problemsOf({ method, path: sent, requestBody, status, headers, body });
    if (problems.length > 0) {
      const got = body.subarray(0, 500).toString();
      throw new Error(`${method} ${sent} → ${status} contradicts the document:\n  ${problems.join('\n  ')}\n${got}`);
    }
    const json = headers['content-type'] === 'application/json' && body.length > 0;
    return { status, headers, body, json: json ? parseLossless(body.toString()) : undefined };
  };
  return {
    request,
    get: (path, options) => request('GET', path, options),
    post: (path, options) => request('POST', path, options),
    put: (path, options) => request('PUT', path, options),
    patch: (path, options) => request('PATCH', path, options),
    delete: (path, options) => request('DELETE', path, options),
  };
}

function fullPath(path: string, { query }: Send): string {
  if (query === undefined) return path;
  const text = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  return `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

function bodyOf({ json, body }: Send): unknown {
  if (json !== undefined) return json;
  if (body === undefined) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function exchange(
  baseUrl: string,
  method: string,
  path: string,
  { as, headers = {}, json, body }: Send,
): Promise<Omit<Answer, 'json'>> {
  const bytes = json === undefined ? body : JSON.stringify(json);
  const type = typeof bytes === 'string' ? 'application/json' : 'application/octet-stream';
  const all = {
    ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
    ...(bytes === undefined ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(bytes)) }),
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  };
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(baseUrl);
    // The path as it is: a URL would repair what a test breaks on purpose.
    const request = send({ hostname, port, method, path, headers: all }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.once('error', reject);
    request.end(bytes);
  });
}
