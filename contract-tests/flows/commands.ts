import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOrganisation, createUser } from './account.ts';
import { call, mint } from './api.ts';
import { createProduct, onePack, postManifest, putPack, sha256 } from './release.ts';
import { continuity, type Ran } from './run.ts';
import type { Scene } from './scene.ts';
import { databasePid, type Server, startServer } from './server.ts';
import type { Tally } from './tally.ts';
import { untilReady } from './version_ready.ts';

/** Administrative commands beside the running server, without one, and what wrong input gets. */
export async function commands(tally: Tally, scene: Scene): Promise<void> {
  const dataDir = await scene.folder();
  const bare = { env: { DATA_DIR: dataDir } };
  const migrated = await continuity(['migrate', '--json'], bare.env);
  tally.check('migrate --json on an empty folder', Array.isArray(json(migrated)?.migrated), migrated);
  const early = await createOrganisation(bare, 'early-company');
  tally.check('org create without a server', /^ct_[\w-]{43}$/.test(early.apiKey) && early.role === 'owner', early);
  tally.check('leaves no database behind', (await databasePid(dataDir)) === undefined);

  const server = await startServer(scene, { dataDir });
  const user = await call('GET', `${server.url}/user`, { key: early.apiKey });
  tally.check('the key from before works', user.status === 200, user.text);
  const admin = await createUser(server, 'early-company', 'admin');
  const made = Object.keys(admin).join() === 'orgId,userId,email,role,apiKey,passwordLink';
  tally.check('user create beside the server', made, admin);
  const none = await continuity(['migrate', '--json'], server.env);
  tally.check('migrate --json beside the server', none.code === 0 && none.out === '{"migrated":[]}\n', none);
  await wrongInput(tally, server.env);
  await standing(tally, server, early.apiKey);
  await passwordLinks(tally, server);

  const publisher = { url: server.url, key: early.apiKey, vendorId: 'early-company' };
  const { pack, manifest } = onePack([{ path: 'ä.txt', bytes: Buffer.from('kept in the backup') }]);
  await createProduct(publisher, 'kept');
  await putPack(publisher, pack);
  await untilReady(publisher, 'kept', await postManifest(publisher, 'kept', '1.0.0', manifest, { activate: true }));
  const before = await call('GET', await mint(server.url, admin.apiKey, 'kept'));

  const folder = await scene.folder();
  const file = join(folder, 'all.tar');
  const backup = await continuity(['backup', file, '--json'], server.env);
  tally.check('backup while the server runs', backup.code === 0 && json(backup)?.file === file, backup);
  tally.check('the server goes on', (await call('GET', `${server.url}/ping`)).status === 200);
  const nowhere = await continuity(['backup', join(folder, 'no', 'such', 'all.tar')], server.env);
  tally.check('backup to nowhere fails clearly', failsClearly(nowhere, /no such/i), nowhere);
  const full = await continuity(['restore', file], server.env);
  tally.check('restore over existing data is refused', failsClearly(full, /empty/i), full);
  const { code } = await server.stop();
  tally.check('exit 0', code === 0, code);
  const cold = await continuity(['backup', `${file}2`], server.env);
  tally.check('backup without a server', cold.code === 0, cold);

  const target = await scene.folder();
  await copyFile(join(dataDir, 'master.key'), join(target, 'master.key'));
  const notTar = join(folder, 'not.tar');
  await writeFile(notTar, 'this is no archive');
  const garbage = await continuity(['restore', notTar], { DATA_DIR: target });
  tally.check('restore of something else fails clearly', failsClearly(garbage, /./), garbage);
  const absent = await continuity(['restore', join(folder, 'absent.tar')], { DATA_DIR: target });
  tally.check('restore of nothing fails clearly', failsClearly(absent, /absent\.tar/), absent);
  const restored = await continuity(['restore', file, '--json'], { DATA_DIR: target });
  tally.check('restore into an empty folder', restored.code === 0 && json(restored) !== undefined, restored);
  const again = await startServer(scene, { dataDir: target });
  const after = await call('GET', await mint(again.url, admin.apiKey, 'kept'));
  tally.check('the restored server serves the same bytes', sha256(after.bytes) === sha256(before.bytes), after.status);
  await again.stop();
}

/** What these commands say counts for the running server's next request. */
async function standing(tally: Tally, { url, env }: Server, key: string): Promise<void> {
  const whoami = async () => (await call('GET', `${url}/whoami`, { key })).status;
  const create = async (slug: string) =>
    (await call('POST', `${url}/api/products`, { key, json: { slug, name: slug } })).status;
  const ran = async (...args: string[]) => json(await continuity([...args, '--json'], env));
  const suspended = await ran('suspend', 'early-company');
  tally.check('suspend: out at once', suspended?.suspended === true && (await whoami()) === 401, suspended);
  const back = await ran('unsuspend', 'early-company');
  tally.check('unsuspend: in at once', back?.suspended === false && (await whoami()) === 200, back);
  const overdue = await ran('billing', 'early-company', 'overdue');
  tally.check('billing overdue: 402 at once', overdue?.billing === 'overdue' && (await create('a')) === 402, overdue);
  const ended = await ran('billing', 'early-company', 'trialing', '--until', '2020-01-31');
  const wasEnded = ended?.until === '2020-02-01T00:00:00.000Z' && (await create('a')) === 402;
  tally.check('billing trialing until 2020: 402', wasEnded, ended);
  const trial = await ran('billing', 'early-company', 'trialing', '--until', '2099-01-31T12:00:00Z');
  tally.check('billing trialing until 2099: 201', (await create('on-trial')) === 201, trial);
  const active = await continuity(['billing', 'early-company', 'active'], env);
  tally.check('billing active, in words', active.code === 0 && active.out === 'early-company is active.\n', active);
}

async function passwordLinks(tally: Tally, { url, env }: Server): Promise<void> {
  const link = new RegExp(`${url}/dashboard/password-reset/new\\?token=[\\w-]{43}\n$`);
  const email = 'owner@early-company.example';
  const printed = await continuity(['user', 'link', '--email', email], env);
  tally.check('user link prints a link', printed.code === 0 && link.test(printed.out), printed);
  const page = await call('GET', /http\S+/.exec(printed.out)?.[0] ?? url);
  tally.check('whose page asks for a password', page.status === 200 && /type="password"/.test(page.text), page.status);
  const create = ['user', 'create', '--org', 'early-company', '--role', 'member', '--email'];
  const without = await continuity([...create, 'one@early-company.example'], env);
  tally.check('user create without a password prints one too', link.test(without.out), without);
  const given = await continuity([...create, 'two@early-company.example', '--password', 'a long enough one'], env);
  tally.check('and none with a password', given.code === 0 && !given.out.includes('token='), given);
}

async function wrongInput(tally: Tally, env: Record<string, string | undefined>): Promise<void> {
  const org = (id: string, email: string) => ['org', 'create', '--id', id, '--owner-email', email];
  const cases: [string, string[], RegExp][] = [
    ['org that exists', org('early-company', 'x@y.example'), /id exists already/],
    ['org id with capitals', org('Early', 'x@y.example'), /id has the wrong format/],
    ['reserved org id', org('api', 'x@y.example'), /id is reserved/],
    ['an address without @', org('another', 'nobody'), /mail has the wrong format/i],
    ['an address that is taken', org('another', 'OWNER@early-company.example '), /mail belongs to another account/i],
    [
      'unknown org',
      ['user', 'create', '--org', 'nope', '--email', 'x@y.example', '--role', 'admin'],
      /org does not exist/,
    ],
    [
      'unknown role',
      ['user', 'create', '--org', 'nope', '--email', 'x@y.example', '--role', 'king'],
      /king.*owner, admin, member/,
    ],
    ['suspending nobody', ['suspend', 'nope'], /org does not exist/],
    ['billing of nobody', ['billing', 'nope', 'active'], /org does not exist/],
    ['an unknown state', ['billing', 'early-company', 'rich'], /rich.*active, overdue, trialing/],
    ['a trial without end', ['billing', 'early-company', 'trialing'], /--until/],
    ['an end without trial', ['billing', 'early-company', 'active', '--until', '2099-01-01'], /--until/],
    ['a day that is none', ['billing', 'early-company', 'trialing', '--until', '2027-02-30'], /must be a day/],
    ['a link for nobody', ['user', 'link', '--email', 'nobody@early-company.example'], /mail does not exist/i],
    ['missing option', ['org', 'create', '--id', 'another'], /--owner-email/],
    ['unknown command', ['orgs'], /unknown command/],
    ['surplus argument', ['migrate', 'now'], /too many arguments/],
    ['publish without a key', ['publish', '.', '--product', 'p', '--version', '1.0.0'], /CONTINUITY_API_KEY/],
  ];
  for (const [what, args, message] of cases) {
    const ran = await continuity(args, env);
    tally.check(`${what}: a sentence and exit 1`, failsClearly(ran, message), ran);
  }
  const asJson = await continuity([...org('early-company', 'x@y.example'), '--json'], env);
  const body = '{"error":{"id":["already_exists"]}}\n';
  tally.check('with --json the error is JSON', asJson.code === 1 && asJson.err === body && asJson.out === '', asJson);
  const key = { CONTINUITY_API_KEY: 'ct_wrong', CONTINUITY_URL: `http://127.0.0.1:${env.PORT}` };
  const publish = (folder: string) => ['publish', folder, '--product', 'p', '--version', '1.0.0'];
  const denied = await continuity(publish('src/errors'), key);
  tally.check('publish with a wrong key', failsClearly(denied, /key/i), denied);
  const nothing = await continuity(publish('no-such-folder'), key);
  tally.check('publish of no folder', failsClearly(nothing, /no-such-folder/), nothing);
  const { ADMIN_PORT } = env;
  const nobody = { ...key, CONTINUITY_URL: `http://127.0.0.1:${ADMIN_PORT}` };
  const elsewhere = await continuity(publish('src/errors'), nobody);
  tally.check('publish to another kind of server', failsClearly(elsewhere, /./), elsewhere);
}

function failsClearly({ code, out, err }: Ran, message: RegExp): boolean {
  return code === 1 && out === '' && message.test(err) && !/\n\s+at /.test(err) && !err.includes('undefined');
}

function json({ out }: Ran): Record<string, unknown> | undefined {
  try {
    return JSON.parse(out) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
