import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { exchangeRaw } from '../testing/raw.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let account: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.createAccount('admin');
});
afterAll(() => server.stop());

const MIB = 1024 * 1024;
const tooLarge = { error: { generic: ['payload_too_large'] } };

/** A request for a connection of its own; `body` goes out as it is. */
function send(method: string, path: string, headers: Record<string, string>, body: string | Buffer): Promise<string> {
  const all = { Host: 'x', Connection: 'close', Authorization: `Bearer ${account.apiKey}`, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  return exchangeRaw(server.url, Buffer.concat([head, Buffer.from(body)]));
}

const chunk = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
const chunked = (bytes: Buffer) => Buffer.concat([chunk(bytes), Buffer.from('0\r\n\r\n')]);
const product = (slug: string, bytes: number) => {
  const bare = JSON.stringify({ slug, name: 'a', description: '' });
  return bare.replace('""', `"${'x'.repeat(bytes - bare.length)}"`);
};

describe('JSON beyond 1 MiB', () => {
  it('is refused as soon as it is announced', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(MIB + 1) };
    const answer = await send('POST', '/api/products', headers, '');
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain(JSON.stringify(tooLarge));
  });

  it('is refused where its length is announced nowhere', async () => {
    const headers = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
    const answer = await send('POST', '/api/products', headers, chunked(Buffer.from(product('big', MIB + 1))));
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain(JSON.stringify(tooLarge));
  });

  it('is measured after unpacking', async () => {
    const bomb = gzipSync(Buffer.from(product('bomb', 64 * MIB)));
    const headers = {
      'Content-Type': 'application/json',
      'Content-Encoding': 'gzip',
      'Content-Length': String(bomb.length),
    };
    expect(await send('POST', '/api/products', headers, bomb)).toMatch(/^HTTP\/1.1 413 /);
  });

  it('of exactly 1 MiB is read', async () => {
    const { status, json } = await server.client.post('/api/products', {
      as: account.apiKey,
      body: product('full', MIB),
    });
    expect([status, json]).toEqual([400, { error: { description: ['invalid_format'] } }]);
  });
});

describe('JSON in other wrappings', () => {
  it('may come chunked', async () => {
    const headers = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
    expect(await send('POST', '/api/products', headers, chunked(Buffer.from(product('chunked', 100))))).toMatch(
      /^HTTP\/1.1 201 /,
    );
  });

  it('may come gzipped', async () => {
    const bytes = gzipSync(Buffer.from(product('gzipped', 100)));
    const headers = {
      'Content-Type': 'application/json',
      'Content-Encoding': 'gzip',
      'Content-Length': String(bytes.length),
    };
    expect(await send('POST', '/api/products', headers, bytes)).toMatch(/^HTTP\/1.1 201 /);
  });

  it.each([
    ['damaged gzip', 'gzip'],
    ['an encoding that nobody knows', 'rot13'],
  ])('is refused in %s', async (_name, encoding) => {
    const bytes = Buffer.from(product('damaged', 100));
    const headers = {
      'Content-Type': 'application/json',
      'Content-Encoding': encoding,
      'Content-Length': String(bytes.length),
    };
    expect(await send('POST', '/api/products', headers, bytes)).toMatch(/^HTTP\/1.1 4(00|15) /);
  });

  it('without a media type is refused', async () => {
    const body = product('untyped', 100);
    expect(await send('POST', '/api/products', { 'Content-Length': String(body.length) }, body)).toMatch(
      /^HTTP\/1.1 415 /,
    );
  });

  it('with a byte order mark is either read or refused, never stored with it', async () => {
    const body = Buffer.from(`\ufeff${product('marked', 100)}`);
    const headers = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
    expect(await send('POST', '/api/products', headers, body)).toMatch(/^HTTP\/1.1 (201|400) /);
  });
});

describe('packs beyond 16 MiB', () => {
  const path = () => `/api/blob/${account.orgId}/packs/pack-${'a'.repeat(64)}`;
  const type = { 'Content-Type': 'application/octet-stream' };

  it('are refused as soon as they are announced', async () => {
    const answer = await send('PUT', path(), { ...type, 'Content-Length': String(16 * MIB + 1) }, '');
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('are refused where their length is announced nowhere', async () => {
    const answer = await send(
      'PUT',
      path(),
      { ...type, 'Transfer-Encoding': 'chunked' },
      chunk(Buffer.alloc(16 * MIB + 1)),
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain(JSON.stringify(tooLarge));
  });
});

it('refuses a manifest beyond its limit as soon as it is announced', async () => {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(65 * MIB) };
  expect(await send('POST', '/api/manifest', headers, '')).toMatch(/^HTTP\/1.1 413 /);
});
