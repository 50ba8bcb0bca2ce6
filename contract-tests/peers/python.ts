import { resolve } from 'node:path';
import { freePort } from '../flows/ports.ts';
import type { Scene } from '../flows/scene.ts';
import type { Tally } from '../flows/tally.ts';
import { createApplication } from './applications.ts';
import { grant, visit } from './pages.ts';
import { startProgram } from './program.ts';
import type { Site } from './site.ts';

/** Debian's Python: another one on the path does not see Debian's packages. */
export const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3';

const EXPECTED = [
  'scope products user expires False',
  '200 {"response":{"email":"marco@continuityapp.com"}}',
  '200 []',
  '403 {"error":{"generic":["insufficient_scope"]}}',
];

/** requests-oauthlib: a confidential application with PKCE, a scope it was given and one it was not. */
export async function python(tally: Tally, scene: Scene, site: Site): Promise<void> {
  const port = await freePort();
  const { clientId, clientSecret } = await createApplication(site, {
    name: 'Python',
    redirect_uris: [`http://127.0.0.1:${port}/callback`],
    confidential: true,
  });
  const program = startProgram(scene, PYTHON, [resolve('contract-tests/peers/python/program.py')], {
    ...site.trust,
    CONTINUITY_SITE: site.url,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    CALLBACK_PORT: String(port),
  });
  const [, url = ''] = await program.says(/Open (\S+) in your browser/);
  await visit(site, async (page) => {
    await grant(page, site, url);
    await page.getByText('You may close this window.').waitFor();
  });
  const { code, out, err } = await program.ended;
  tally.check('the program runs to its end', code === 0, { out, err });
  const [scope, whoami, products, sold] = out.trimEnd().split('\n').slice(1);
  tally.check('the scopes that were asked for, no end of life', scope === EXPECTED[0], scope);
  tally.check('whoami', whoami === EXPECTED[1], whoami);
  tally.check('what its scope allows', products === EXPECTED[2], products);
  tally.check('and not what it does not', sold === EXPECTED[3], sold);
}
