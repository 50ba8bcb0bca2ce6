import { expect, it, vi } from 'vitest';
import type { Deps } from '../deps.ts';
import { startTestServer } from '../testing/server.ts';
import { createPageClient } from '../testing/pages.ts';
import { signedIn } from '../testing/signed_in.ts';

/** What the pages look like while every look-up of a session fails like this. */
async function whileFailing(error: Error) {
  const logged = vi.fn();
  const broken = (real: Deps): Deps => ({
    ...real,
    hot: { ...real.hot, query: () => Promise.reject(error) },
    log: Object.assign(Object.create(real.log) as Deps['log'], { error: logged, child: () => real.log }),
  });
  const server = await startTestServer({ deps: broken });
  try {
    const browser = createPageClient(server);
    browser.cookies.set('continuity_session', 'A'.repeat(43));
    return { page: await browser.get('/dashboard'), logged };
  } finally {
    await server.stop();
  }
}

it.each([
  [500, new Error('select secret from sessions'), undefined],
  [503, Object.assign(new Error('select secret'), { code: '57P01' }), '1'],
])('a failure of ours is %i, with the number of the request and nothing else', async (status, error, retryAfter) => {
  const { page, logged } = await whileFailing(error);
  expect([page.status, page.headers['retry-after']]).toEqual([status, retryAfter]);
  expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'x-frame-options': 'DENY' });
  expect(page.text).toContain(`Request number: ${page.headers['request-id']}`);
  expect(page.text).not.toMatch(/secret|Error|\.ts/);
  expect(logged).toHaveBeenCalledWith(expect.objectContaining({ err: error }), expect.any(String));
});

it('a role that is too low is told so', async () => {
  const server = await startTestServer();
  try {
    const browser = await signedIn(server, await server.createAccount('member'));
    const page = await browser.get('/dashboard/users');
    expect([page.status, page.text.includes('Your role does not allow this')]).toEqual([403, true]);
  } finally {
    await server.stop();
  }
});
