import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../deps.ts';
import { createOrganisation } from '../organisations/actions.ts';
import { hasOrganisations, organisationExists } from '../organisations/queries.ts';
import { publish } from '../publish/publish.ts';
import { writeDemoFiles } from './files.ts';

const ORGANISATION = 'audio-company';
const PRODUCT = 'epic-drums-v1';
const EMAIL = 'owner@audio-company.example';

/**
 * With an empty database outside production: the demo organisation and its product, published the way a user would,
 * and what to paste. On a later start: the same lines, with the key to be filled in, since only its hash is kept.
 */
export async function startDemo(deps: Deps, url: string): Promise<void> {
  if (deps.config.production) return;
  if (await hasOrganisations(deps.db)) {
    if (await organisationExists(deps.db, ORGANISATION)) console.log(instructions(url));
    return;
  }
  const { apiKey } = await createOrganisation(deps.db, deps, ORGANISATION, 'Audio Company', { email: EMAIL });
  const folder = await mkdtemp(join(tmpdir(), 'continuity-demo-'));
  try {
    await writeDemoFiles(folder);
    await publish({ folder, product: PRODUCT, version: '1.0.0', activate: true, url, apiKey });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log(instructions(url, apiKey));
}

function instructions(url: string, apiKey?: string): string {
  const key = apiKey ?? '$CONTINUITY_API_KEY';
  const mint = `curl -s -X POST ${url}/api/generate-download-url -H "Authorization: Bearer ${key}" -H 'Content-Type: application/json' -d '{"productId":"${PRODUCT}","version":"1.0.0"}'`;
  const introduction = apiKey
    ? `API key of ${EMAIL} (shown once): ${apiKey}`
    : `Use the API key that the first start showed. A new one, which ends the old: curl -X POST -u '${EMAIL}:<old key>' ${url}/api_key`;
  return `
Continuity is ready on ${url}
${introduction}

Mint a download URL:
  ${mint}

Download it:
  curl -OJ "$(${mint} | sed 's/.*"downloadUrl":"\\([^"]*\\)".*/\\1/')"
`;
}
