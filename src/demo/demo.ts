import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../deps.ts';
import { createOrganisation } from '../organisations/actions.ts';
import { hasOrganisations } from '../organisations/queries.ts';
import { publish } from '../publish/publish.ts';
import { refreshKey } from '../users/actions.ts';
import { findUserId } from '../users/queries.ts';
import { findVersionByNumber } from '../versions/queries.ts';
import { writeDemoFiles } from './files.ts';

const ORGANISATION = 'audio-company';
const PRODUCT = 'epic-drums-v1';
const VERSION = '1.0.0';
const EMAIL = 'owner@audio-company.example';

/**
 * With an empty database outside production: the demo organisation and its product, published the way a user would at
 * `localUrl`, and what to paste. On a later start: the same lines, with the key to be filled in, since only its hash
 * is kept. A first start that was cut off is done again, with a new key.
 */
export async function startDemo(deps: Deps, localUrl: string): Promise<void> {
  if (deps.config.production) return;
  const { publicUrl } = deps.config;
  const owner = await findUserId(deps.db, ORGANISATION, EMAIL);
  if (owner === undefined && (await hasOrganisations(deps.db))) return;
  if (await findVersionByNumber(deps.db, ORGANISATION, PRODUCT, VERSION)) {
    const renew = `curl -X POST -u '${EMAIL}:<old key>' ${publicUrl}/api_key`;
    console.log(`\nUse the API key that the first start showed. A new one, which ends the old: ${renew}`);
    console.log(instructions(publicUrl, '$CONTINUITY_API_KEY'));
    return;
  }
  const apiKey = owner === undefined ? await createDemo(deps) : await renewKey(deps, owner);
  console.log(`\nAPI key of ${EMAIL} (shown once): ${apiKey}`);
  await publishDemo(localUrl, apiKey);
  console.log(instructions(publicUrl, apiKey));
}

async function createDemo(deps: Deps): Promise<string> {
  return (await createOrganisation(deps.db, deps, ORGANISATION, 'Audio Company', { email: EMAIL })).apiKey;
}

async function renewKey(deps: Deps, userId: string): Promise<string> {
  return (await refreshKey(deps.db, deps, { organisationId: ORGANISATION, userId })).apiKey;
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

function instructions(url: string, key: string): string {
  const body = JSON.stringify({ productId: PRODUCT, version: VERSION });
  const mint = `curl -s -X POST ${url}/api/generate-download-url -H "Authorization: Bearer ${key}" -H 'Content-Type: application/json' -d '${body}'`;
  return `
Continuity is ready on ${url}

Mint a download URL:
  ${mint}

Download it:
  curl -OJ "$(${mint} | sed 's/.*"downloadUrl":"\\([^"]*\\)".*/\\1/')"
`;
}
