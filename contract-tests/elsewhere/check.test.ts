import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../../src/testing/server.ts';
import { checkElsewhere } from './check.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ worker: true });
});
afterAll(() => server.stop());
afterEach(() => vi.restoreAllMocks());

/** What a run printed, and its exit code. */
async function check(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err] = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')];
  for (const spy of [out, err]) spy.mockReturnValue(undefined);
  const code = await checkElsewhere(args);
  const lines = (spy: typeof out) => spy.mock.calls.map(([line]) => String(line)).join('\n');
  return { code, out: lines(out), err: lines(err) };
}

it('takes a key of the lowest role, and names what it does not reach', async () => {
  const { apiKey } = await server.createAccount('member');
  const { code, out } = await check('--url', server.url, '--api-key', apiKey, '--write');
  expect(out).toMatch(/ 0 broken, /);
  expect(out).toMatch(/a key of a user with a higher role: \d+ answers/);
  expect(code).toBe(0);
});

it('says that a key is refused', async () => {
  const key = `ct_${'x'.repeat(43)}`;
  const { code, err } = await check('--url', server.url, '--api-key', key);
  expect([code, err]).toEqual([1, `${server.url}: the API key was refused`]);
});

it.each([
  ['http to another machine', ['--url', 'http://192.0.2.1'], 'readable'],
  ['http to a name that only begins like this machine', ['--url', 'http://127.0.0.1.example'], 'readable'],
  ['a path', ['--url', 'https://192.0.2.1/api'], 'the paths are those of the document'],
  ['an account in the URL', ['--url', 'https://ada@192.0.2.1/'], 'scheme, host and port alone'],
  ['an unknown option', ['--url', 'https://192.0.2.1', '--wriet'], '--wriet'],
  ['no URL', ['--write'], '--url is missing'],
])('refuses %s before it asks anything', async (_name, args, reason) => {
  const { code, err } = await check(...args, '--api-key', `ct_${'x'.repeat(43)}`);
  expect(code).toBe(2);
  expect(err).toContain(reason);
});
