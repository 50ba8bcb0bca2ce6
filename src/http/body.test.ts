import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let account: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.createAccount('admin');
});
afterAll(() => server.stop());

const post = (body: string | Buffer, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  server.client.post('/api/products', { as: account.apiKey, body, headers });
const error = (code: string, field = 'generic') => ({ error: { [field]: [code] } });

describe('a body that is no JSON', () => {
  it.each([
    ['cut', '{"slug":"a"'],
    ['blank', '   '],
    ['a comment', '{"slug":"a"/**/}'],
    ['a trailing comma', '{"slug":"a",}'],
    ['two values', '{}{}'],
    ['a form', 'slug=a&name=b'],
    ['NaN', '{"slug":NaN}'],
    ['a raw NUL', '{"slug":"a\0"}'],
    ['invalid UTF-8', Buffer.from([...Buffer.from('{"slug":"utf8","name":"'), 0xff, 0xfe, ...Buffer.from('"}')])],
    [
      'a surrogate in UTF-8',
      Buffer.from([...Buffer.from('{"slug":"utf8","name":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]),
    ],
  ])('%s', async (_name, body) => {
    const { status, json } = await post(body);
    expect([status, json]).toEqual([400, error('invalid_json')]);
  });

  it('a depth that would overflow the stack', async () => {
    const { status } = await post('['.repeat(400_000));
    expect(status).toBe(400);
  });
});

describe('a body of the wrong shape', () => {
  it.each([
    ['an array', '[]'],
    ['a string', '"x"'],
    ['a number', '1'],
    ['true', 'true'],
    ['null', 'null'],
  ])('%s', async (_name, body) => {
    const { status, json } = await post(body);
    expect([status, json]).toEqual([400, error('invalid_format')]);
  });

  it('null changes nothing', async () => {
    await post('{"slug":"unchanged","name":"a"}');
    const { status } = await server.client.put('/api/products/unchanged', { as: account.apiKey, body: 'null' });
    expect(status).toBe(400);
  });

  it('is told about each missing field, whether it is empty or not there', async () => {
    const blank = { error: { slug: ['is_blank'], name: ['is_blank'] } };
    expect((await post('')).json).toEqual(blank);
    expect((await post('{}')).json).toEqual(blank);
    expect((await post('{"slug":"","name":""}')).json).toEqual(blank);
    expect((await server.client.post('/api/products', { as: account.apiKey })).json).toEqual(blank);
  });

  it('that is not there is no JSON where every field may be left out', async () => {
    await post('{"slug":"merged","name":"a"}');
    const { status, json } = await server.client.put('/api/products/merged', { as: account.apiKey });
    expect([status, json]).toEqual([400, error('invalid_json')]);
    expect((await server.client.put('/api/products/merged', { as: account.apiKey, body: '{}' })).status).toBe(200);
  });

  it('is told about all failing fields at once', async () => {
    const { status, json } = await post('{"slug":"Not A Slug","description":5,"colour":"red"}');
    expect(status).toBe(400);
    expect(json).toEqual({
      error: {
        slug: ['invalid_format'],
        name: ['is_blank'],
        description: ['invalid_format'],
        colour: ['unknown_field'],
      },
    });
  });

  it('takes no __proto__', async () => {
    const { status } = await post('{"slug":"proto","name":"a","__proto__":{"admin":true}}');
    expect(status).toBe(400);
  });

  it.each(['constructor', 'toString', 'hasOwnProperty'])('names %s as unknown like any other', async (name) => {
    const { status, json } = await post(`{"slug":"odd","name":"a","${name}":{"admin":true}}`);
    expect(status).toBe(400);
    expect(json).toEqual(error('unknown_field', name));
  });

  it.each([
    ['null', 'null'],
    ['a number', '1'],
    ['an array', '["a"]'],
    ['an object', '{}'],
    ['a deep one', `${'['.repeat(1000)}${']'.repeat(1000)}`],
  ])('%s is no name', async (_name, value) => {
    const { status, json } = await post(`{"slug":"typed","name":${value}}`);
    expect([status, json]).toEqual([400, error('invalid_format', 'name')]);
  });

  it('names at most fifty unknown fields', async () => {
    const body = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`f${i}`, 1]));
    const { status, json } = await post(JSON.stringify(body));
    expect(status).toBe(400);
    expect(Object.keys(json.error).length).toBeLessThanOrEqual(50);
  });
});

describe('text that cannot be stored', () => {
  it.each([
    ['a NUL', '\\u0000'],
    ['half a surrogate pair', '\\ud800'],
    ['the pair the wrong way round', '\\udc00\\ud800'],
  ])('%s', async (_name, text) => {
    const { status, json } = await post(`{"slug":"text","name":"a${text}b"}`);
    expect([status, json]).toEqual([400, error('invalid_format', 'name')]);
    const minting = await server.client.post('/api/generate-download-url', {
      as: account.apiKey,
      body: `{"productId":"a","orderId":"${text}"}`,
    });
    expect([minting.status, minting.json]).toEqual([400, error('invalid_format', 'orderId')]);
  });

  it('every other text comes back as it was sent', async () => {
    const name = 'Trömmel 🥁 \u2028 "quoted" \\ </script> \u0001\u007f';
    const { status, json } = await server.client.post('/api/products', {
      as: account.apiKey,
      json: { slug: 'text', name },
    });
    expect([status, json.name]).toEqual([201, name]);
    const { json: again } = await server.client.get('/api/products/text', { as: account.apiKey });
    expect(again.product.name).toBe(name);
  });

  it('a pair written with escapes is one character', async () => {
    expect((await post('{"slug":"pair","name":"\\ud83e\\udd41"}')).json.name).toBe('🥁');
  });
});

describe('the media type', () => {
  const body = '{"slug":"typed-body","name":"a"}';
  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/jsonx'],
    ['application/vnd.api+json'],
    ['json'],
    [''],
  ])('%s is refused', async (type) => {
    const { status, json } = await post(body, { 'content-type': type });
    expect([status, json]).toEqual([415, error('unsupported_media_type')]);
  });

  it.each([['application/json; charset=utf-8'], ['Application/JSON'], ['application/json;x=1']])(
    '%s is JSON',
    async (type) => {
      const { status } = await post(JSON.stringify({ slug: `typed-${type.length}`, name: 'a' }), {
        'content-type': type,
      });
      expect(status).toBe(201);
    },
  );
});
