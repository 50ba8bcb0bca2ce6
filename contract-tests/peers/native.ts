import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { run } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';
import type { Tally } from '../flows/tally.ts';
import { createApplication } from './applications.ts';
import { grant, visit } from './pages.ts';
import type { Site } from './site.ts';

const REDIRECT_URI = 'com.example.app:/callback';

/** A native program that the system starts for its own scheme (RFC 8252 §7.1): Chromium hands the code to it. */
export async function native(tally: Tally, _scene: Scene, site: Site): Promise<void> {
  const registration = { name: 'Native', redirect_uris: [REDIRECT_URI], confidential: false };
  const { clientId } = await createApplication(site, registration);
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const handed = await visit(site, async (page) => {
    const handing = page.waitForRequest((request) => request.url().startsWith(REDIRECT_URI));
    await grant(page, site, `${site.url}/oauth2/authorize?${query}`);
    return new URL((await handing).url());
  });
  const code = handed.searchParams.get('code') ?? '';
  tally.check('the browser hands the code to the program', /^ctc_[\w-]{43}$/.test(code), handed.href);
  const exchange = (proof: string) => {
    const form = { grant_type: 'authorization_code', client_id: clientId, redirect_uri: REDIRECT_URI, code };
    const body = new URLSearchParams({ ...form, code_verifier: proof }).toString();
    const args = ['-sS', '-d', body, `${site.url}/oauth2/access_token`];
    return run('curl', args, { cwd: tmpdir(), env: site.trust });
  };
  const stolen = await exchange(randomBytes(32).toString('base64url'));
  tally.check('worth nothing to who has another verifier', stolen.out.includes('"invalid_grant"'), stolen);
  const exchanged = await exchange(verifier);
  tally.check('and a token to the program', exchanged.out.includes('"access_token":"cto_'), exchanged);
}
