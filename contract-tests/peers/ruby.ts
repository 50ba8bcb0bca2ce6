import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment, run } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';
import type { Tally } from '../flows/tally.ts';
import { copiedCode, createApplicationOnPages, grant, visit } from './pages.ts';
import { startProgram } from './program.ts';
import type { Site } from './site.ts';

const FOLDER = new URL('ruby/', import.meta.url);
const BODY = '{"response":{"email":"marco@continuityapp.com"}}\n';

/** Host, port, use_ssl, credentials and `access_token.token`: the lines of the seed that may be edited. */
const EDITABLE = [
  '"<client_id>",',
  '"<secret_key>",',
  ':site => "https://v1.continuityapp.ws/"',
  "http = Net::HTTP.new('https://v1.continuityapp.ws', 443)",
  'http.use_ssl = true',
  'request = Net::HTTP::Get.new("/whoami?oauth_token=#{access_token}")',
  "request.basic_auth 'marco@continuityapp.com', '<api_key>'",
];

/** The programs of the seed, with the edits kept in `*.diff`; the first one's application is made on the pages. */
export async function ruby(tally: Tally, scene: Scene, site: Site): Promise<void> {
  const oauth = await edited(tally, scene, 'oauth', 6);
  const basic = await edited(tally, scene, 'basic', 3);
  const place = {
    ...site.trust,
    CONTINUITY_SITE: `${site.url}/`,
    CONTINUITY_HOST: site.host,
    CONTINUITY_PORT: String(site.port),
  };
  await ask(tally, scene, site, basic, place);
  await authorizeAndAsk(tally, scene, site, oauth, place);
}

async function ask(tally: Tally, scene: Scene, site: Site, basic: string, place: Environment): Promise<void> {
  const asked = startProgram(scene, 'ruby', [basic], { ...place, CONTINUITY_API_KEY: site.marco.apiKey });
  const { code, out, err } = await asked.ended;
  tally.check('the Basic program prints the seed’s 48 bytes', code === 0 && out === BODY, { code, out, err });
  const wrong = await startProgram(scene, 'ruby', [basic], { ...place, CONTINUITY_API_KEY: 'ct_wrong' }).ended;
  tally.check('and raises for a wrong key', wrong.code === 1 && wrong.err.includes('401'), wrong);
}

async function authorizeAndAsk(tally: Tally, scene: Scene, site: Site, oauth: string, place: Environment) {
  const out = 'urn:ietf:wg:oauth:2.0:oob';
  const application = await visit(site, (page) =>
    createApplicationOnPages(page, site, { name: 'My first App', redirect: out }),
  );
  tally.check('“Create an application” shows id and secret', /^cts_[\w-]{43}$/.test(application.clientSecret), [
    application.clientId,
  ]);
  // Launchy starts what BROWSER names; `echo` prints the address for the browser of this test.
  const program = startProgram(scene, 'ruby', [oauth], {
    ...place,
    BROWSER: 'echo',
    CLIENT_ID: application.clientId,
    CLIENT_SECRET: application.clientSecret,
  });
  const [url] = await program.says(/https?:\/\/\S+\/oauth2\/authorize\?\S+(?=\s)/);
  const code = await visit(site, async (page) => {
    const consent = await grant(page, site, url);
    const named = consent.includes('My first App') && /e-mail address/.test(consent) && /builds/.test(consent);
    tally.check('the consent page names the application and both scopes', named, consent);
    return copiedCode(page);
  });
  program.tell(code);
  const { code: exit, out: printed, err } = await program.ended;
  const good = exit === 0 && printed.endsWith(BODY);
  tally.check('the OAuth program prints the seed’s 48 bytes', good, { exit, printed, err });
}

/** Applies the diff to the seed's text in a folder of the run; answers the program's path. */
async function edited(tally: Tally, scene: Scene, name: string, edits: number): Promise<string> {
  const read = (file: string) => readFile(new URL(file, FOLDER), 'utf8');
  const [seed, verbatim, diff] = await Promise.all([read('seed.txt'), read(`${name}.seed.rb`), read(`${name}.diff`)]);
  tally.check(`${name}.seed.rb is the seed’s text`, seed.includes(verbatim) && verbatim.length > 200);
  const removed = diff.split('\n').filter((line) => /^-(?!--)/.test(line));
  const added = diff.split('\n').filter((line) => /^\+(?!\+\+)/.test(line));
  const allowed = removed.every((line) => EDITABLE.includes(line.slice(1)));
  tally.check(`${name}.diff edits ${edits} lines, all of them allowed`, allowed && removed.length === edits, removed);
  tally.check(`${name}.diff adds no line`, added.length === removed.length, added);
  const folder = await scene.folder();
  const program = join(folder, `${name}.rb`);
  const source = (file: string) => new URL(file, FOLDER).pathname;
  const patched = await run('patch', ['-s', '-F0', '-o', program, source(`${name}.seed.rb`), source(`${name}.diff`)]);
  tally.check(`${name}.diff applies`, patched.code === 0, patched);
  return program;
}
