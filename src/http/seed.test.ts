import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUser } from '../organisations/actions.ts';
import { exchangeRaw } from '../testing/raw.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let apiKey: string;
beforeAll(async () => {
  server = await startTestServer();
  const { orgId } = await server.createAccount('owner');
  const marco = { email: 'marco@continuityapp.com', role: 'member' as const };
  ({ apiKey } = await createUser(server.deps.db, server.deps, orgId, marco));
});
afterAll(() => server.stop());

const basic = (email: string, key: string) => `Basic ${Buffer.from(`${email}:${key}`).toString('base64')}`;

describe('the second seed, byte for byte', () => {
  it('answers /ping with its 19 bytes and its headers', async () => {
    const text = await exchangeRaw(server.url, 'GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const [head = '', body] = text.split('\r\n\r\n');
    expect(body).toBe('{"response":"pong"}');
    const lines = head.split('\r\n');
    expect(lines[0]).toBe('HTTP/1.1 200 OK');
    for (const line of [
      'Content-Type: application/json',
      'Vary: Accept',
      'Server: ContinuityApp Web Services',
      'Content-Length: 19',
      'Cache-Control: private',
      'Connection: close',
    ])
      expect(lines).toContain(line);
    expect(lines.filter((line) => line.startsWith('Date: '))).toHaveLength(1);
    expect(head).not.toContain('Strict-Transport-Security');
  });

  it.each([
    ['Basic', () => basic('marco@continuityapp.com', apiKey)],
    ['Bearer', () => `Bearer ${apiKey}`],
  ])('answers /whoami with its 48 bytes to %s', async (_scheme, authorization) => {
    const { status, headers, body } = await server.client.get('/whoami', {
      headers: { authorization: authorization() },
    });
    expect(status).toBe(200);
    expect(body.toString()).toBe('{"response":{"email":"marco@continuityapp.com"}}');
    expect(headers['content-length']).toBe('48');
    expect(headers['content-type']).toBe('application/json');
    expect(headers['cache-control']).toBe('private');
  });

  it('names every request differently', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => server.client.get('/ping')));
    expect(new Set(answers.map(({ headers }) => headers['request-id'])).size).toBe(20);
  });
});
