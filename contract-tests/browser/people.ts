import { randomBytes } from 'node:crypto';
import type { Role } from '../../src/http/operation.ts';
import { inTransaction } from '../../src/db/transaction.ts';
import { createMailedLink } from '../../src/mailed_links/actions.ts';
import { type MailedLinkKind, mailedLinkUrl } from '../../src/mailed_links/rules.ts';
import type { NewAccount } from '../../src/organisations/actions.ts';
import { createSession } from '../../src/sessions/actions.ts';
import { setStanding } from '../../src/testing/accounts.ts';
import { givePassword } from '../../src/testing/passwords.ts';
import { SESSION_COOKIE } from '../../src/testing/signed_in.ts';
import { rename } from '../../src/users/profile.ts';
import { pastDownloads } from './downloads.ts';
import { type PastBuilds, pastBuilds } from './past_builds.ts';
import { pastSales } from './sales.ts';
import type { Scene } from './scene.ts';

/** Who looks at a page: `newcomer` owns an organisation in which there is nothing yet. */
export type Who = 'visitor' | Role | 'newcomer' | 'suspended' | 'overdue';

export interface People {
  readonly scene: Scene;
  /** Slug of a product of the organisation, with downloads. */
  readonly product: string;
  readonly building: PastBuilds;
  readonly accounts: Readonly<Record<Exclude<Who, 'visitor'>, NewAccount>>;
  /** Of every account. */
  readonly password: string;
  /** A cookie that signs the account in; none for a visitor. */
  cookies(who: Who): Promise<{ name: string; value: string }[]>;
}

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

/** An organisation with a user of each role, a new one, a suspended one, and one that has not paid. */
export async function openPeople(scene: Scene): Promise<People> {
  const { server, account: admin } = scene;
  const { deps } = server;
  const password = randomBytes(12).toString('base64url');
  const inOrg = { org: admin.orgId };
  const [owner, member] = [await server.createAccount('owner', inOrg), await server.createAccount('member', inOrg)];
  const [newcomer, suspended] = [await server.createAccount('owner'), await server.createAccount('owner')];
  const overdue = await server.createAccount('owner', { billing: 'overdue' });
  const accounts = { admin, owner, member, newcomer, suspended, overdue };
  await setStanding(deps, suspended.orgId, { suspended: true });
  const inOrganisation = { organisationId: admin.orgId, email: '' };
  await rename(deps, { ...member, ...inOrganisation }, 'مريم الخوارزمي');
  await rename(deps, { ...owner, ...inOrganisation }, 'Konstantina Papadopoulou-Schwarzenberger');
  for (const account of Object.values(accounts)) await givePassword(deps, account.userId, password);
  const { userId } = admin;
  await createSession(deps.db, deps, { userId, address: '2001:db8::17', userAgent: PHONE });
  const product = await scene.publish('Epic Drums', { 'a.txt': 'a'.repeat(10_000) });
  await scene.publish('Ambient Pads and Evolving Textures, Deluxe Edition (2026 remaster)', { 'b.txt': 'b' });
  await (await fetch(await scene.mint(product))).arrayBuffer();
  await pastDownloads(server, admin.orgId);
  const building = await pastBuilds(server, admin, product, newcomer);
  await pastSales(server, admin, product);
  return {
    scene,
    product,
    building,
    accounts,
    password,
    async cookies(who) {
      if (who === 'visitor') return [];
      const { userId } = accounts[who];
      const userAgent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36';
      const { token } = await createSession(deps.db, deps, { userId, address: '127.0.0.1', userAgent });
      return [{ name: SESSION_COOKIE, value: token }];
    },
  };
}

/** A link as a mail brings it: from the owner to a newcomer, or about the member. Path and query. */
export async function mailedLink(
  { scene, accounts: { owner, member } }: People,
  kind: MailedLinkKind,
  email = `newcomer-${randomBytes(4).toString('hex')}@a.example`,
): Promise<string> {
  const { deps } = scene.server;
  const about = kind === 'invitation' ? { role: 'member' as const } : { userId: member.userId };
  const wanted = { kind, organisationId: owner.orgId, email, createdBy: owner.userId, ...about };
  const { token } = await inTransaction(deps.db, (tx) => createMailedLink(tx, deps, wanted));
  const { pathname, search } = new URL(mailedLinkUrl(deps.config, kind, token));
  return pathname + search;
}

/** One that came too late. */
export async function expiredLink(people: People, kind: MailedLinkKind): Promise<string> {
  const email = `late-${randomBytes(4).toString('hex')}@a.example`;
  const link = await mailedLink(people, kind, email);
  const expired = { expires_at: new Date(Date.now() - 1000) };
  await people.scene.server.deps.db.updateTable('mailed_links').set(expired).where('email', '=', email).execute();
  return link;
}
