import { type IncomingHttpHeaders, request as send } from 'node:http';

export interface Page {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly html: string;
  /** What a reader sees: the body without tags, entities decoded, spaces as one. */
  readonly text: string;
}

export interface SubmitOptions {
  /** The page that has the form; the path itself where left out. */
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PageClient {
  /** Name → value of the cookies that it keeps. */
  readonly cookies: Map<string, string>;
  /** Follows no redirect. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Page>;
  /** Loads the form for its `csrf`, then posts it; `csrf` among the fields takes the place of the form's. */
  submit(path: string, fields?: Readonly<Record<string, string>>, options?: SubmitOptions): Promise<Page>;
}

/** A browser as far as forms and cookies go. */
export function createPageClient({ url }: { url: string }): PageClient {
  const cookies = new Map<string, string>();
  async function exchange(method: string, path: string, headers: Readonly<Record<string, string>>, body?: string) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const page = await load(url, method, path, { ...(cookie ? { cookie } : {}), ...headers }, body);
    for (const line of page.headers['set-cookie'] ?? []) keep(cookies, line);
    return page;
  }
  const get: PageClient['get'] = (path, headers = {}) => exchange('GET', path, { accept: 'text/html', ...headers });
  return {
    cookies,
    get,
    async submit(path, fields = {}, { from, headers = {} } = {}) {
      const csrf = fields.csrf ?? csrfIn((await get(from ?? path)).html);
      const body = new URLSearchParams({ ...fields, ...(csrf === undefined ? {} : { csrf }) }).toString();
      const type = 'application/x-www-form-urlencoded';
      return exchange('POST', path, { accept: 'text/html', 'content-type': type, origin: url, ...headers }, body);
    },
  };
}

/** RFC 6265 §5.2, without domains and paths: there is one site. */
function keep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const name = pair.slice(0, pair.indexOf('='));
  const value = pair.slice(name.length + 1);
  const gone = attributes.some((attribute) => /^(max-age=0|expires=thu, 01 jan 1970.*)$/i.test(attribute));
  if (gone || value === '') cookies.delete(name);
  else cookies.set(name, value);
}

/** The value of the first hidden field `csrf`. */
export function csrfIn(html: string): string | undefined {
  const [field = ''] = /<input[^>]*\bname="csrf"[^>]*>/.exec(html) ?? [];
  return /\bvalue="([^"]*)"/.exec(field)?.[1];
}

function load(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Page> {
  const { hostname, port } = new URL(url);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const request = send({ hostname, port, method, path, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const html = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, html, text: textOf(html) });
      });
    });
    request.once('error', reject);
    request.end(body);
  });
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" };

function textOf(html: string): string {
  const words = html.replace(/<(style|script)\b[\s\S]*?<\/\1>/g, ' ').replace(/<[^>]*>/g, ' ');
  return words
    .replace(/&(lt|gt|quot|amp|#39);/g, (_all, name: string) => ENTITIES[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim();
}
