/** One request as an integrator would send it. */
export interface Call {
  key?: string | undefined;
  json?: unknown;
  bytes?: Uint8Array;
  headers?: Record<string, string>;
  timeout?: number;
}

export interface Answer {
  status: number;
  headers: Headers;
  bytes: Buffer;
  text: string;
  json: Record<string, unknown> & { error?: Record<string, string[]> };
}

export async function call(
  method: string,
  url: string,
  { key, json, bytes, headers, timeout }: Call = {},
): Promise<Answer> {
  const type = bytes ? 'application/octet-stream' : 'application/json';
  const body = bytes ? new Uint8Array(bytes) : json === undefined ? null : JSON.stringify(json);
  const response = await fetch(url, {
    method,
    headers: {
      ...(key && { authorization: `Bearer ${key}` }),
      ...(body !== null && { 'content-type': type }),
      ...headers,
    },
    body,
    signal: AbortSignal.timeout(timeout ?? 120_000),
  });
  const whole = Buffer.from(await response.arrayBuffer());
  const text = whole.length < 4_000_000 ? whole.toString() : '';
  return { status: response.status, headers: response.headers, bytes: whole, text, json: parse(text) };
}

function parse(text: string): Answer['json'] {
  try {
    return JSON.parse(text) as Answer['json'];
  } catch {
    return {};
  }
}

/** Mints and answers the download URL; throws what the server said otherwise. */
export async function mint(url: string, key: string, productId: string, version?: string): Promise<string> {
  const { status, json, text } = await call('POST', `${url}/api/generate-download-url`, {
    key,
    json: { productId, ...(version && { version }) },
  });
  if (status !== 200) throw new Error(`minting answered ${status} ${text}`);
  return String(json.downloadUrl);
}
