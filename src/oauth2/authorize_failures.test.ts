import { expect, it, vi } from 'vitest';
import type { Deps } from '../deps.ts';
import { startTestServer } from '../testing/server.ts';

it.each([
  [500, new Error('kept to ourselves'), undefined],
  [503, Object.assign(new Error('kept to ourselves'), { code: '57P01' }), '1'],
])('a failure of ours is a page with status %i, as people come here', async (status, error, retryAfter) => {
  const logged = vi.fn();
  const broken = (real: Deps): Deps => ({
    ...real,
    // Sends no statement.
    db: Object.assign(Object.create(real.db) as Deps['db'], {
      selectFrom: () => {
        throw error;
      },
    }),
    log: Object.assign(Object.create(real.log) as Deps['log'], { error: logged, child: () => real.log }),
  });
  const server = await startTestServer({ deps: broken });
  try {
    const page = await server.client.get('/oauth2/authorize', { query: { client_id: '1', response_type: 'code' } });
    expect([page.status, page.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(page.headers).toMatchObject({ 'content-type': 'text/html', 'x-frame-options': 'DENY' });
    expect(page.body.toString()).toContain(`Request number: <code>${page.headers['request-id']}</code>`);
    expect(page.body.toString()).not.toContain('ourselves');
    expect(logged).toHaveBeenCalledWith(expect.objectContaining({ err: error }), expect.any(String));
  } finally {
    await server.stop();
  }
});
