import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { bash } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';
import type { Tally } from '../flows/tally.ts';
import { type Application, createApplication } from './applications.ts';
import { copiedCode, grant, revokeOnPages, visit } from './pages.ts';
import type { Site } from './site.ts';

const OUT_OF_BAND = 'urn:ietf:wg:oauth:2.0:oob';
const UNAUTHORIZED = '{"error":{"generic":["unauthorized"]}}';
const SEED_SITE = 'https://v1.continuityapp.ws';

interface Example {
  /** `curl -i …` */
  line: string;
  headers: Record<string, string>;
  body: string;
}

/** Each `$ curl` of the seed with what it shows, the token got by curl too. */
export async function curl(tally: Tally, _scene: Scene, site: Site): Promise<void> {
  const registration = { name: 'curl', redirect_uris: [OUT_OF_BAND], confidential: true };
  const application = await createApplication(site, registration);
  const token = await accessToken(tally, site, application);
  const examples = await seedExamples();
  tally.check('the seed has four examples', examples.length === 4, examples.length);
  for (const example of examples) {
    const line = example.line
      .replace(SEED_SITE, site.url)
      .replace('<access_token>', token)
      .replace('<api_key>', site.marco.apiKey)
      // The shell would take `&` for its own.
      .replace(/(http\S+)$/, "'$1'");
    const ran = await bash(`${line} -sS`, tmpdir(), site.trust);
    const problems = differences(example, ran.out, site);
    tally.check(`${example.line}: as the seed shows`, ran.code === 0 && problems.length === 0, [problems, ran]);
  }
  await visit(site, (page) => revokeOnPages(page, site, registration.name));
  const after = await bash(`curl -sS '${site.url}/whoami?oauth_token=${token}'`, tmpdir(), site.trust);
  tally.check('the user revokes it on a page, and it is dead', after.out === UNAUTHORIZED, after);
}

/** The token of a second code: the first code is sent twice, which costs its token the life. */
async function accessToken(tally: Tally, site: Site, { clientId, clientSecret }: Application): Promise<string> {
  const ask = (line: string) => bash(line, tmpdir(), site.trust);
  const exchange = (code: string) => {
    const form = `-d grant_type=authorization_code -d redirect_uri=${OUT_OF_BAND} -d 'code=${code}'`;
    return ask(`curl -sS -i -u '${clientId}:${clientSecret}' ${form} ${site.url}/oauth2/access_token`);
  };
  const code = await authorizationCode(site, clientId);
  const first = await exchange(code);
  const { headers } = parse(first.out);
  const kept = headers['cache-control'] === 'no-store' && headers['content-type'] === 'application/json';
  tally.check('a code becomes a token, kept out of caches', kept, first);
  const second = await exchange(code);
  const refused = second.out.startsWith('HTTP/1.1 400') && second.out.includes('"invalid_grant"');
  tally.check('the same code again is invalid_grant', refused, second.out);
  const dead = await ask(`curl -sS '${site.url}/whoami?oauth_token=${tokenOf(first.out)}'`);
  tally.check('and kills the token that it gave', dead.out === UNAUTHORIZED, dead.out);
  return tokenOf((await exchange(await authorizationCode(site, clientId))).out);
}

function authorizationCode(site: Site, clientId: string): Promise<string> {
  const query = { response_type: 'code', client_id: clientId, redirect_uri: OUT_OF_BAND, scope: 'user' };
  return visit(site, async (page) => {
    await grant(page, site, `${site.url}/oauth2/authorize?${new URLSearchParams(query)}`);
    return copiedCode(page);
  });
}

const tokenOf = (output: string) => (JSON.parse(parse(output).body) as { access_token: string }).access_token;

/** What the answer has otherwise than the example; the length is that of the body, which the seed forgot for JSON-P. */
function differences({ headers, body, line }: Example, output: string, site: Site): string[] {
  const answer = parse(output);
  const expected: Record<string, string> = { ...headers, 'content-length': String(body.length) };
  // Dated differences: browsers refuse a script sent as JSON, and a connection stays open unless asked.
  if (line.includes('callback=')) expected['content-type'] = 'application/javascript';
  delete expected.connection;
  delete expected.date;
  const problems = Object.entries(expected).filter(([name, value]) => answer.headers[name] !== value);
  return [
    ...problems.map(([name]) => `${name}: ${answer.headers[name]}`),
    ...(answer.status === 'HTTP/1.1 200 OK' ? [] : [answer.status]),
    ...(answer.body === body ? [] : [answer.body]),
    ...(answer.headers.date ? [] : ['no Date']),
    ...(site.secure === 'strict-transport-security' in answer.headers ? [] : ['HSTS']),
  ];
}

async function seedExamples(): Promise<Example[]> {
  const seed = await readFile(new URL('ruby/seed.txt', import.meta.url), 'utf8');
  const blocks = seed.matchAll(/^\$ (curl .*)\n(HTTP\/1\.1 200 OK\n(?:.+: .+\n)+)(.+)\n/gm);
  return [...blocks].map(([, line = '', head = '', body = '']) => {
    const { headers } = parse(`${head}\n${body}`);
    return { line, headers, body };
  });
}

function parse(output: string): { status: string; headers: Record<string, string>; body: string } {
  const [head = '', ...rest] = output.split(/\r?\n\r?\n/);
  const [status = '', ...lines] = head.split(/\r?\n/);
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(': ') + 2),
  ]);
  return { status, headers: Object.fromEntries(headers) as Record<string, string>, body: rest.join('\n\n') };
}
