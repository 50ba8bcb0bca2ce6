import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewAccount } from '../organisations/actions.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { signedIn } from '../testing/signed_in.ts';
import { bodyPurpose } from '../webhooks/receive.ts';

const PATH = '/dashboard/webhooks';

let server: TestServer;
let admin: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  admin = await server.createAccount('admin');
});
afterAll(() => server.stop());

interface Report {
  readonly vendor?: string;
  readonly status: string;
  readonly error?: string;
  readonly sealed_body?: Buffer;
}

/** Reports that came in one after the other; answers the names of their events. */
async function receive({ orgId }: NewAccount, reports: readonly Report[]): Promise<string[]> {
  const { db, ids } = server.deps;
  const rows = reports.map((report) => {
    const id = ids.next();
    const content = { body_sha256: Buffer.from(id.padStart(32)), sealed_body: Buffer.alloc(0) };
    return { id, organisation_id: orgId, vendor: 'stripe', type: 'sale', event_id: `evt_${id}`, ...content, ...report };
  });
  await db.insertInto('webhook_deliveries').values(rows).execute();
  return rows.map(({ event_id }) => event_id);
}

const eventsIn = (html: string) => html.match(/(?<=<code class="soft">)evt_\d+/g);

describe('the webhooks page', () => {
  it('says what to do where nothing was reported', async () => {
    const browser = await signedIn(server, await server.createAccount('owner'));
    expect((await browser.get(PATH)).text).toContain('No shop has reported anything yet.');
    expect((await browser.get(`${PATH}?status=failed`)).text).toContain('There is none like that.');
  });

  it('shows what was reported and what became of it, newest first, to who asks for it', async () => {
    const error = '<b>no amount</b>';
    const [applied, failed, unmapped] = await receive(admin, [
      { status: 'applied' },
      { vendor: 'shopify', status: 'failed', error },
      { status: 'unmapped' },
    ]);
    const browser = await signedIn(server, admin);
    const all = await browser.get(PATH);
    expect(eventsIn(all.html)).toEqual([unmapped, failed, applied]);
    expect(all.text).toContain(`${failed} Shopify Failed ${error}`);
    expect(all.html).not.toContain(error);
    expect(all.html).toContain('href="/dashboard/integrations#unmapped"');
    const filtered = await browser.get(`${PATH}?status=failed&vendor=shopify`);
    expect(eventsIn(filtered.html)).toEqual([failed]);
    expect(filtered.html).toMatch(/<option value="failed" selected/);
    expect(eventsIn((await browser.get(`${PATH}?vendor=stripe`)).html)).toEqual([unmapped, applied]);
    expect(eventsIn((await browser.get(`${PATH}?status=none&vendor=paypal&before=x`)).html)).toHaveLength(3);
  });

  it('has pages that keep to the filter', async () => {
    const seller = await server.createAccount('owner');
    const states = ['applied', ...Array<string>(51).fill('failed'), 'applied'];
    const events = await receive(
      seller,
      states.map((status) => ({ status })),
    );
    const browser = await signedIn(server, seller);
    const first = await browser.get(`${PATH}?status=failed`);
    expect(eventsIn(first.html)).toEqual(events.slice(2, 52).reverse());
    const [, older = ''] = /<a href="([^"]+)">Older reports/.exec(first.html) ?? [];
    const second = await browser.get(older.replaceAll('&amp;', '&'));
    expect(eventsIn(second.html)).toEqual(events.slice(1, 2));
    expect(second.text).not.toContain('Older reports');
  });

  it('has a button for what failed, that applies it again and says what became of it', async () => {
    const seller = await server.createAccount('admin');
    const ignored = JSON.stringify({ type: 'customer.created' });
    const sealed = server.deps.vault.seal(Buffer.from(ignored), bodyPurpose(seller.orgId, 'stripe'));
    await receive(seller, [{ status: 'applied' }, { status: 'failed', sealed_body: sealed }, { status: 'failed' }]);
    const browser = await signedIn(server, seller);
    const paths = (await browser.get(PATH)).html.match(/[\w/]+\/replay(?=")/g) ?? [];
    expect(paths).toHaveLength(2);
    const [broken = '', whole = ''] = paths;
    const again = async (path: string) => (await browser.submit(path, {}, { from: PATH })).headers['location'];
    expect(await again(broken)).toBe(`${PATH}?done=report_failed`);
    expect((await browser.get(`${PATH}?done=report_failed`)).text).toContain('The report failed again.');
    expect(await again(whole)).toBe(`${PATH}?done=report_ignored`);
    await server.deps.db
      .updateTable('webhook_deliveries')
      .set({ sealed_body: null })
      .where('organisation_id', '=', seller.orgId)
      .execute();
    expect(await again(broken)).toBe(`${PATH}?done=report_forgotten`);
    const member = await signedIn(server, await server.createAccount('member', { org: seller.orgId }));
    expect((await member.submit(broken, {}, { from: '/dashboard' })).status).toBe(403);
    const stranger = await signedIn(server, admin);
    expect((await stranger.submit(broken, {}, { from: PATH })).status).toBe(404);
  });

  it('is not for members, and shows nobody else’s', async () => {
    await receive(admin, [{ status: 'failed' }]);
    const member = await signedIn(server, await server.createAccount('member', { org: admin.orgId }));
    expect((await member.get(PATH)).status).toBe(403);
    const stranger = await signedIn(server, await server.createAccount('admin'));
    expect(eventsIn((await stranger.get(PATH)).html)).toBeNull();
  });
});
