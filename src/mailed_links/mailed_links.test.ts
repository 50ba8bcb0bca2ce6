import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../db/transaction.ts';
import { Failure } from '../errors/fail.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { sweep } from '../tasks/sweep.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { untilSomebodyWaits } from '../testing/waiting.ts';
import { createMailedLink, type LinkWanted, takeMailedLink } from './actions.ts';
import { findMailedLink } from './queries.ts';
import { type MailedLinkKind, mailedLinkUrl, usable } from './rules.ts';

let server: TestServer;
let user: NewAccount;
beforeAll(async () => {
  server = await startTestServer();
  user = await server.createAccount('owner');
});
afterAll(() => server.stop());

const create = (wanted: Partial<LinkWanted> & { kind: MailedLinkKind }) =>
  inTransaction(server.deps.db, (tx) =>
    createMailedLink(tx, server.deps, { organisationId: user.orgId, email: user.email, ...wanted }),
  );
const reset = () => create({ kind: 'password_reset', userId: user.userId });
const take = (kind: MailedLinkKind, token: string) =>
  inTransaction(server.deps.db, (tx) => takeMailedLink(tx, server.deps, kind, token)).then(
    ({ id }) => id,
    (error: unknown) => (error instanceof Failure ? error.code : error),
  );
const age = (id: string, hours: number) =>
  server.deps.db
    .updateTable('mailed_links')
    .set({ expires_at: sql`expires_at - make_interval(hours => ${hours})` })
    .where('id', '=', id)
    .execute();

describe('a mailed link', () => {
  it('is used once', async () => {
    const { id, token } = await reset();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await take('password_reset', token)).toBe(id);
    expect(await take('password_reset', token)).toBe('used_up');
  });

  it('taken by two at once, is one’s', async () => {
    const { db } = server.deps;
    const { id, token } = await reset();
    const second = await db.transaction().execute(async (tx) => {
      expect((await takeMailedLink(tx, server.deps, 'password_reset', token)).id).toBe(id);
      const waiting = take('password_reset', token);
      await untilSomebodyWaits(db);
      return { waiting };
    });
    expect(await second.waiting).toBe('used_up');
  });

  it('is not used up by a change that fails', async () => {
    const { id, token } = await reset();
    const failing = inTransaction(server.deps.db, async (tx) => {
      await takeMailedLink(tx, server.deps, 'password_reset', token);
      throw new Error('later');
    });
    await expect(failing).rejects.toThrow('later');
    expect(await take('password_reset', token)).toBe(id);
  });

  it('is of one kind', async () => {
    const { token } = await reset();
    expect(await take('email_change', token)).toBe('not_found');
    expect(await take('password_reset', `${token.slice(0, -4)}AAAA`)).toBe('not_found');
  });

  it.each([
    ['password_reset', 1],
    ['email_change', 24],
    ['invitation', 7 * 24],
  ] as const)('of kind %s lives %d hours', async (kind, hours) => {
    const about = kind === 'invitation' ? { role: 'member' as const } : { userId: user.userId };
    const { id, token } = await create({ kind, email: `${kind}@example.com`, ...about });
    const link = await findMailedLink(server.deps.db, kind, token);
    expect(link && link.expiresAt.getTime() - link.createdAt.getTime()).toBe(hours * 3_600_000);
    await age(id, hours - 1);
    expect(usable(await findMailedLink(server.deps.db, kind, token), new Date()).id).toBe(id);
    await age(id, 1);
    expect(await take(kind, token)).toBe('expired');
  });

  it('ends the user’s earlier ones of its kind', async () => {
    const [first, colleague] = [await reset(), await server.createAccount('member', { org: user.orgId })];
    const other = await create({ kind: 'email_change', userId: user.userId });
    const theirs = await create({ kind: 'password_reset', userId: colleague.userId, email: colleague.email });
    const second = await reset();
    expect(await take('password_reset', first.token)).toBe('used_up');
    expect(await take('password_reset', second.token)).toBe(second.id);
    expect(await take('email_change', other.token)).toBe(other.id);
    expect(await take('password_reset', theirs.token)).toBe(theirs.id);
  });

  it('is stored as a hash only', async () => {
    const { id, token } = await reset();
    const rows = await server.deps.db.selectFrom('mailed_links').selectAll().where('id', '=', id).execute();
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  it('invites an address once: the organisation’s next invitation ends the one before', async () => {
    const invite = () => create({ kind: 'invitation', email: 'new@example.com', role: 'member' });
    const [first, second] = [await invite(), await invite()];
    expect(await take('invitation', first.token)).toBe('used_up');
    expect(await take('invitation', second.token)).toBe(second.id);
  });

  it('is an address under PUBLIC_URL', () => {
    const at = (kind: MailedLinkKind) => mailedLinkUrl({ publicUrl: 'https://a.example' }, kind, 'x');
    expect(at('password_reset')).toBe('https://a.example/dashboard/password-reset/new?token=x');
  });

  it('is swept a month after it expired', async () => {
    const [old, young] = [await reset(), await create({ kind: 'email_change', userId: user.userId })];
    await age(old.id, 24 * 31);
    await age(young.id, 24 * 30);
    await sweep(server.deps);
    expect(await take('password_reset', old.token)).toBe('not_found');
    expect(await take('email_change', young.token)).toBe('expired');
  });
});
