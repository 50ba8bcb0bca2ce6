import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startTestServer } from '../testing/server.ts';

const LARGE = 1_000_000;

it('takes eight large manifests at once, refuses another before reading it, and always a small one', async () => {
  let waiting = 0;
  const server = await startTestServer({
    deps: (real) => ({
      ...real,
      manifests: {
        ...real.manifests,
        hold: (announced, work) =>
          real.manifests.hold(announced, () => {
            waiting += 1;
            return work();
          }),
      },
    }),
  });
  const { apiKey } = await server.createAccount('member');
  const { port } = new URL(server.url);
  const head = `POST /api/manifest HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${apiKey}\r\nContent-Type: application/json\r\nContent-Length: ${LARGE}\r\n\r\n{`;
  const sockets: Socket[] = Array.from({ length: 8 }, () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(head);
    return socket;
  });
  await expect.poll(() => waiting).toBe(8);
  const send = (body: Buffer) =>
    server.client.post('/api/manifest', { as: apiKey, body, headers: { 'content-type': 'application/json' } });
  const large = Buffer.alloc(LARGE, 'x');
  const refused = await send(large);
  expect([refused.status, refused.json]).toEqual([503, { error: { generic: ['unavailable'] } }]);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await send(Buffer.from('x'))).json).toEqual({ error: { generic: ['invalid_json'] } });
  for (const socket of sockets) socket.destroy();
  await expect.poll(async () => (await send(large)).status).toBe(400);
  await server.stop();
});
