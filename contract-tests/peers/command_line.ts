import { resolve } from 'node:path';
import type { Scene } from '../flows/scene.ts';
import type { Tally } from '../flows/tally.ts';
import { type Application, createApplication } from './applications.ts';
import { grant, visit } from './pages.ts';
import { startProgram } from './program.ts';
import type { Site } from './site.ts';

interface Result {
  iss: string | null;
  token: Record<string, unknown>;
  before: string;
  active?: Record<string, unknown>;
  after: string;
  inactive?: Record<string, unknown>;
}

/** The same program without a secret and with one; its callback is registered without a port. */
export async function commandLine(tally: Tally, scene: Scene, site: Site): Promise<void> {
  const redirect_uris = ['http://127.0.0.1/callback'];
  const open = await createApplication(site, { name: 'Open source', redirect_uris, confidential: false });
  tally.check('a public application gets no secret', open.clientSecret === '', open.clientId);
  const result = await authorize(scene, site, open);
  checkResult(tally, 'without a secret', site, result);

  const closed = await createApplication(site, { name: 'Closed source', redirect_uris, confidential: true });
  const { active, inactive, ...rest } = await authorize(scene, site, closed);
  checkResult(tally, 'with a secret', site, rest);
  const described = active?.active === true && active.client_id === closed.clientId && active.scope === 'user';
  tally.check('introspection describes its token', described, active);
  const dead = inactive?.active === false && Object.keys(inactive).length === 1;
  tally.check('and says nothing but inactive once it is revoked', dead, inactive);
}

async function authorize(scene: Scene, site: Site, { clientId, clientSecret }: Application): Promise<Result> {
  const source = resolve('contract-tests/peers/command_line/program.ts');
  const program = startProgram(scene, process.execPath, ['--import', 'tsx', source], {
    ...site.trust,
    ISSUER: site.url,
    CLIENT_ID: clientId,
    ...(clientSecret && { CLIENT_SECRET: clientSecret }),
  });
  const [, url = ''] = await program.says(/Open (\S+) in your browser/);
  await visit(site, async (page) => {
    await grant(page, site, url);
    await page.getByText('You may close this window.').waitFor();
  });
  const { code, out, err } = await program.ended;
  if (code !== 0) throw new Error(`the program ended with ${code}: ${err}`);
  return JSON.parse(out.slice(out.lastIndexOf('\n{') + 1)) as Result;
}

function checkResult(tally: Tally, who: string, site: Site, { iss, token, before, after }: Result): void {
  tally.check(`${who}: the answer names the issuer`, iss === site.url, iss);
  const bearer = token.token_type === 'bearer' && !('expires_in' in token) && !('refresh_token' in token);
  tally.check(`${who}: a Bearer token that never expires`, bearer, token);
  tally.check(`${who}: whoami`, before === '200 {"response":{"email":"marco@continuityapp.com"}}', before);
  tally.check(`${who}: 401 once it is revoked`, after === '401 bearer', after);
}
