import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { call } from '../api.ts';
import { createProject, createSuite, registerRunner, type Suite, type Workshop } from './site.ts';
import { build, type BuildRequest, buildOf, logOf } from './platform.ts';
import { somethingRuns, startRunner } from './programs.ts';
import { createProduct } from '../release.ts';
import type { Scene } from '../scene.ts';
import type { Tally } from '../tally.ts';

const LINE = 5 * 1024 * 1024;
const WORD = `98${Date.now()}`;

interface Odd extends Workshop {
  /** A file that only something outside of its sandbox could write. */
  readonly proof: string;
}

/** Repositories, refs and builds that nobody should have. */
export async function badBuilds(tally: Tally, scene: Scene, workshop: Workshop): Promise<void> {
  const shop = { ...workshop, proof: join(await scene.folder(), 'proof') };
  const { platform, git, server } = shop;
  await refused(tally, shop);
  const token = await registerRunner(shop, 'patient');
  const runner = await startRunner(scene, server, {
    token,
    folder: await scene.folder(),
    args: ['--concurrency', '3'],
  });
  await noRepository(tally, shop);
  await git.commit('odd', { 'kick.txt': 'boom\n' });
  const project = await createProject(shop, git.url('odd'));
  for (const suite of suites(shop)) await createSuite(shop, project, suite);
  const request = await build(platform, project);
  tally.check('builds that end badly end', request.state === 'processed' && request.result === 'failed', request);
  await oddLogs(tally, shop, request);
  await forks(tally, shop, request);
  await badArtifacts(tally, shop);
  await curious(tally, shop, request, token);
  tally.check('the runner goes on', !/given up/.test(runner.text()), runner.text());
}

/** What is a command, a file or an option to git is no repository and no ref. */
async function refused(tally: Tally, shop: Odd): Promise<void> {
  const { platform, git } = shop;
  const urls = ['ext::sh -c id', 'ext::id', 'file:///srv/kit', '/srv/kit', '--upload-pack=id'].concat([
    'https://user:password@git.example.com/kit',
    'git@host:-oProxyCommand=id',
    'ssh://-oProxyCommand=id/kit',
  ]);
  for (const repository_url of urls) {
    const { status, json, text } = await platform.ask('POST', '/projects', { name: 'Kit', repository_url });
    const good = status === 403 && json.error?.repository_url?.[0] === 'invalid_format';
    tally.check(`no repository: ${repository_url}`, good, text);
  }
  const project = await createProject(shop, git.url('odd'));
  for (const ref of ['--upload-pack=id', '-h', 'a..b', 'x:refs/heads/main']) {
    const { status, json, text } = await platform.ask('POST', `/projects/${project.id_str}/build_requests`, { ref });
    tally.check(`no ref: ${ref}`, status === 403 && json.error?.ref?.[0] === 'invalid_format', text);
  }
}

async function noRepository(tally: Tally, shop: Workshop): Promise<void> {
  const { platform, git } = shop;
  await git.commit('empty', {});
  for (const [what, url, ref, error] of [
    ['that does not exist', git.url('nothing'), 'main', 'repository_refused'],
    ['on a port where nobody answers', 'git://127.0.0.1:1/kit', 'main', 'repository_unreachable'],
    ['without the ref', git.url('empty'), 'nope', 'ref_not_found'],
    ['without the commit', git.url('empty'), 'a'.repeat(40), 'ref_not_found'],
  ] as const) {
    const request = await build(platform, await createProject(shop, url), { ref });
    const good = request.state === 'processed' && request.result === 'failed' && request.error === error;
    tally.check(`a repository ${what}: ${error}, in words`, good && (request.message ?? '') !== '', request);
  }
  const nothing = await build(platform, await createProject(shop, git.url('empty')));
  tally.check('a project without suites: failed_no_suites', nothing.state === 'failed_no_suites', nothing);
}

function suites({ server, proof }: Odd): Suite[] {
  return [
    { name: 'one line', command: `head -c ${LINE} /dev/zero | tr '\\0' x` },
    { name: 'binary', command: `bash -c 'printf "\\x00\\xff\\xfe\\x1b[2J\\r\\n"'` },
    { name: 'too much', command: 'head -c 30000000 /dev/zero; exit 4' },
    {
      name: 'forks',
      command: `setsid sleep ${WORD} & (trap "" TERM HUP; sleep ${WORD}) & echo started; sleep ${WORD}`,
      timeout_seconds: 2,
    },
    {
      name: 'curious',
      command: `for e in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do tr '\\0' '\\n' < $e 2>/dev/null; done
        ls -a ${server.dataDir} /root; cat ${server.dataDir}/master.key
        touch ${proof} /etc/x /usr/x; exit 0`,
    },
  ];
}

async function oddLogs(tally: Tally, { platform }: Workshop, request: BuildRequest): Promise<void> {
  const line = await buildOf(platform, request, 'one line');
  const log = await logOf(platform, line);
  const xs = log.indexOf('x'.repeat(1_000));
  const whole = log.subarray(xs, xs + LINE).equals(Buffer.alloc(LINE, 'x')) && log[xs + LINE] === 10;
  tally.check('a log of one line of 5 MiB is kept', whole && line.state === 'build_succeed', line);
  const binary = await logOf(platform, await buildOf(platform, request, 'binary'));
  const bytes = Buffer.from('\x00\xff\xfe\x1b[2J\r\n', 'latin1');
  tally.check('and bytes as they are', binary.includes(bytes), binary.toString('latin1'));
  const much = await buildOf(platform, request, 'too much');
  const said = (await logOf(platform, much)).subarray(-200).toString();
  const cut = much.log_truncated && much.log_size <= 10 * 1024 * 1024 && much.exit_code === 4;
  tally.check('a log of 30 MB is cut, and says so', cut && said.includes('The log is full'), [much, said]);
}

async function forks(tally: Tally, { platform }: Workshop, request: BuildRequest): Promise<void> {
  const forked = await buildOf(platform, request, 'forks');
  const log = (await logOf(platform, forked)).toString();
  const killed = forked.failure === 'timeout' && /started\n\[continuity\] Killed after 2 seconds\.\n$/.test(log);
  tally.check('a command that never ends is killed in time', killed, [forked, log]);
  tally.check('with all that it forked', !(await somethingRuns(WORD)));
}

/** An artifact is looked at where somebody wants to publish it. */
async function badArtifacts(tally: Tally, shop: Workshop): Promise<void> {
  const { platform, git, server, account } = shop;
  const key = account.apiKey;
  await createProduct({ url: server.url, key, vendorId: account.orgId }, 'odd');
  const ends = [
    ['an artifact that is missing', 'true', /There is no dist/],
    ['that is a link out of the folder', 'ln -s /etc dist', /symbolic link/],
    ['that holds one', 'mkdir dist; ln -s /etc/passwd dist/passwd', /symbolic link/],
    ['that is a named pipe', 'mkfifo dist', /neither a file nor a folder/],
  ] as const;
  const check = async ([what, command, words]: (typeof ends)[number]) => {
    const project = await createProject(shop, git.url('odd'));
    await createSuite(shop, project, { name: 'kit', command, artifact_path: 'dist' });
    const publish = { product_id: 'odd', version: '1.0.0' };
    const { failure, message } = await buildOf(
      platform,
      await build(platform, project, { ref: 'main', publish }),
      'kit',
    );
    const good = failure === 'artifact' && words.test(message ?? '');
    tally.check(`${what}: refused, in words`, good, { failure, message });
  };
  await Promise.all(ends.map(check));
  const { text } = await call('GET', `${server.url}/api/products/odd/versions`, { key });
  tally.check('and nothing is published', text === '[]', text);
}

async function curious(
  tally: Tally,
  { platform, server, proof }: Odd,
  request: BuildRequest,
  token: string,
): Promise<void> {
  const log = (await logOf(platform, await buildOf(platform, request, 'curious'))).toString();
  const seen = [token, 'SSH_AUTH_SOCK', 'PRIVATE KEY', '\nmaster.key\n'].filter((word) => log.includes(word));
  tally.check('a build sees no token, no key and no data', seen.length === 0 && log.includes(server.dataDir), log);
  const written: string[] = [];
  for (const path of [proof, '/etc/x', '/usr/x'])
    await access(path)
      .then(() => written.push(path))
      .catch(() => undefined);
  tally.check('and writes nothing outside its folder', written.length === 0, written);
}
