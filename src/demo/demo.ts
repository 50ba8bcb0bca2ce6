import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { createOrganisation } from '../organisations/actions.ts';
import { hasOrganisations } from '../organisations/queries.ts';
import { publish } from '../publish/publish.ts';
import { refreshKey } from '../users/actions.ts';
import { hashPassword } from '../users/password.ts';
import { setPasswordHash } from '../users/password_queries.ts';
import { findUserId } from '../users/queries.ts';
import { findVersionByNumber } from '../versions/queries.ts';
import { writeDemoFiles } from './files.ts';
import { firstWords, instructions, wordsOnRestart } from './words.ts';

const ORGANISATION = 'audio-company';
const PRODUCT = 'epic-drums-v1';
const VERSION = '1.0.0';
const EMAIL = 'owner@audio-company.example';

/**
 * With an empty database outside production: the demo organisation and its product, published the way a user would at
 * `localUrl`, where to sign in, and what to paste. On a later start: the same lines, with the secrets to be filled in,
 * since only their hashes are kept. A first start that was cut off is done again, with new ones.
 */
export async function startDemo(deps: Deps, localUrl: string): Promise<void> {
  if (deps.config.production) return;
  const { publicUrl: url } = deps.config;
  const owner = await findUserId(deps.db, ORGANISATION, EMAIL);
  if (owner === undefined && (await hasOrganisations(deps.db))) return;
  const about = { url, email: EMAIL, product: PRODUCT, version: VERSION };
  if (await findVersionByNumber(deps.db, ORGANISATION, PRODUCT, VERSION)) {
    console.log(wordsOnRestart(about));
    console.log(instructions(about, '$CONTINUITY_API_KEY'));
    return;
  }
  const password = randomBytes(10).toString('hex');
  const apiKey = owner === undefined ? await createDemo(deps, password) : await renew(deps, owner, password);
  console.log(firstWords(about, { password, apiKey }));
  await publishDemo(localUrl, apiKey);
  console.log(instructions(about, apiKey));
}

async function createDemo(deps: Deps, password: string): Promise<string> {
  const owner = { email: EMAIL, password };
  return (await createOrganisation(deps.db, deps, ORGANISATION, 'Audio Company', owner)).apiKey;
}

async function renew(deps: Deps, userId: string, password: string): Promise<string> {
  const hash = await hashPassword(password);
  return inTransaction(deps.db, async (tx) => {
    await setPasswordHash(tx, ORGANISATION, userId, hash);
    return (await refreshKey(tx, deps, { organisationId: ORGANISATION, userId })).apiKey;
  });
}

async function publishDemo(url: string, apiKey: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'continuity-demo-'));
  try {
    await writeDemoFiles(folder);
    await publish({ folder, product: PRODUCT, version: VERSION, activate: true, url, apiKey });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
