import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OpenAPIV3 } from 'openapi-types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compressAll, renderTexts } from '../build/docs.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

const PUBLIC_URL = 'https://api.example.com';
const SCRIPT = 'assets/reference-0123.js';

let folder: string;
let server: TestServer;
let bundle: OpenAPIV3.Document;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'continuity-docs-'));
  bundle = JSON.parse(await readFile('generated/openapi.json', 'utf8')) as OpenAPIV3.Document;
  const assets = { script: 'reference-0123.js', style: 'reference-0123.css' };
  for (const [name, text] of await renderTexts('.', bundle, assets)) await writeFile(join(folder, name), text);
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, SCRIPT), 'let a;'.repeat(100));
  await compressAll(join(folder, 'assets'));
  server = await startTestServer({ docs: pathToFileURL(`${folder}/`), config: { PUBLIC_URL } });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${server.url}${path}`, { method, headers: { 'accept-encoding': 'identity', ...headers } });

const PAGES = ['/openapi.json', '/openapi.yaml', '/docs', '/docs/content.json', '/docs/reference-0123.js'];

describe.each(PAGES)('%s', (path) => {
  it.each(['br', 'gzip'])('is the same when compressed (%s)', async (encoding) => {
    const [plain, coded] = await Promise.all([ask(path), ask(path, { 'accept-encoding': encoding })]);
    expect([plain.status, plain.headers.get('content-encoding')]).toEqual([200, null]);
    expect([coded.status, coded.headers.get('content-encoding')]).toEqual([200, encoding]);
    expect(await coded.text()).toBe(await plain.text());
    expect(coded.headers.get('etag')).not.toBe(plain.headers.get('etag'));
    expect(coded.headers.get('vary')).toContain('Accept-Encoding');
  });

  it('is not sent again to who has it', async () => {
    const etag = (await ask(path)).headers.get('etag') ?? '';
    const again = await ask(path, { 'if-none-match': etag });
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
    expect((await ask(path, { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('answers HEAD as GET, and no other method', async () => {
    const [get, head] = await Promise.all([ask(path), ask(path, {}, 'HEAD')]);
    for (const name of ['content-type', 'content-length', 'etag', 'cache-control'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    expect(await head.text()).toBe('');
    const post = await ask(path, {}, 'POST');
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});

describe.each(['/openapi.json', '/openapi.yaml'])('the document at %s', (path) => {
  it('is the bundle, but for the address of this server', async () => {
    const document = parse(await (await ask(path)).text()) as OpenAPIV3.Document;
    expect(document).toEqual({ ...bundle, servers: [{ url: PUBLIC_URL, description: 'This server' }] });
  });

  it('has less than a megabyte', async () => {
    expect(Number((await ask(path)).headers.get('content-length'))).toBeLessThan(1_000_000);
  });

  it('can be read by scripts of any site', async () => {
    const [get, preflight] = await Promise.all([ask(path), ask(path, {}, 'OPTIONS')]);
    expect(get.headers.get('access-control-allow-origin')).toBe('*');
    expect(get.headers.get('access-control-expose-headers')).toContain('ETag');
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('If-None-Match');
  });

  it('is asked for again each time, and says where it is explained (RFC 8631)', async () => {
    const { headers } = await ask(path);
    expect(headers.get('cache-control')).toBe('public, no-cache');
    expect(headers.get('link')).toContain('</docs>; rel="service-doc"');
  });
});

it('sends each document under its own type', async () => {
  expect((await ask('/openapi.json')).headers.get('content-type')).toBe('application/json');
  expect((await ask('/openapi.yaml')).headers.get('content-type')).toBe('application/yaml');
});

describe('the page', () => {
  it('allows nothing but what comes from this server', async () => {
    const { headers } = await ask('/docs');
    expect(headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('link')).toContain('</openapi.json>; rel="service-desc"');
  });

  it('keeps what is named by its content for ever', async () => {
    expect((await ask('/docs/reference-0123.js')).headers.get('cache-control')).toBe(
      'public, max-age=31536000, immutable',
    );
  });

  it.each(['/docs/', '/docs/nothing.js', '/docs/reference-0123.js.br', '/docs/..%2fpage.html', '/docs/page.html'])(
    'is not at %s',
    async (path) => {
      expect((await ask(path)).status).toBe(400);
    },
  );
});

it('serves the rest where nothing was built', async () => {
  const bare = await startTestServer({ docs: pathToFileURL('/nowhere/') });
  expect((await fetch(`${bare.url}/ping`)).status).toBe(200);
  expect((await fetch(`${bare.url}/docs`)).status).toBe(400);
  await bare.stop();
});
