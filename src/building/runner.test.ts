import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_LOG } from '../builds/log_rules.ts';
import type { NewAccount } from '../organisations/actions.ts';
import { createRunner } from '../testing/builds.ts';
import { type GitServer, startGitServer } from '../testing/git.ts';
import { createTestProject, createTestSuite } from '../testing/projects.ts';
import { type Gate, openGate, openWire, type RunningRunner, startRunner } from '../testing/runner_program.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';

let server: TestServer;
let repositories: GitServer;
let gate: Gate;
let owner: NewAccount;
let token: string;
let runner: RunningRunner;
let sha: string;
beforeAll(async () => {
  server = await startTestServer({ worker: true });
  repositories = await startGitServer();
  gate = await openGate();
  sha = await repositories.commit('kit', { 'kick.txt': 'boom\n', 'hats/open.txt': 'tss\n' });
});
afterAll(async () => {
  gate.stop();
  await repositories.stop();
  await server.stop();
});
beforeEach(async () => {
  owner = await server.createAccount('owner');
  ({ token } = await createRunner(server, owner));
  runner = await startRunner({ url: server.url, token, unsafe: true });
});
afterEach(() => runner.stop().catch(() => undefined));

const get = async (path: string) => (await server.client.get(path, { as: owner.apiKey })).json.response;
const project = async (url = repositories.url('kit')) =>
  (await createTestProject(server.deps, owner, { repository_url: url })).row.id;
const suite = (projectId: string, fields: Parameters<typeof createTestSuite>[3]) =>
  createTestSuite(server.deps, owner, projectId, fields);
async function ask(projectId: string, json: object = { ref: 'main' }): Promise<string> {
  const answer = await server.client.post(`/projects/${projectId}/build_requests`, { as: owner.apiKey, json });
  expect(answer.status).toBe(201);
  return answer.json.response.id_str;
}
const ended = async (id: string) => {
  await expect.poll(async () => (await get(`/build_requests/${id}`)).state, { timeout: 20_000 }).not.toBe('processing');
  return get(`/build_requests/${id}`);
};
/** Builds one suite of a new project; answers the build and its log. */
async function build(fields: Parameters<typeof createTestSuite>[3]) {
  const id = await project();
  await suite(id, fields);
  const request = await ended(await ask(id));
  const one = await get(`/builds/${request.builds[0].id_str}`);
  return { request, build: one, log: (await log(one.id_str)).toString() };
}
async function log(buildId: string): Promise<Buffer> {
  const query = server.deps.db.selectFrom('build_log_chunks').select('bytes').where('build_id', '=', buildId);
  return Buffer.concat((await query.orderBy('start').execute()).map(({ bytes }) => bytes));
}

/** Whether a program with this word in its command line runs on this machine. */
async function runs(word: string): Promise<boolean> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (pid !== String(process.pid) && line.includes(word)) return true;
  }
  return false;
}

const isSandboxed = async () => !(await runner.told(/waiting for work/)).includes('NO SANDBOX');

describe('a build', () => {
  it('runs the command at the commit of the ref, and keeps what it prints in order', async () => {
    const command = 'cat kick.txt; for n in 1 2 3; do echo out $n; echo err $n >&2; done; echo last > /dev/stderr';
    const { request, build: one, log: text } = await build({ name: 'listen', command });
    expect(request).toMatchObject({ state: 'processed', result: 'succeed' });
    expect(one).toMatchObject({ state: 'build_succeed', exit_code: 0 });
    expect(text).toContain('boom\nout 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nlast\n');
    expect(text).toContain(`[continuity] Fetching ${sha} (main)`);
    const commit = await get(`/projects/${request.project_id_str}/commits/${request.commit_id_str}`);
    expect(commit).toMatchObject({ ref: sha, message: 'Tune the kick drum' });
    expect(Object.values(commit)).toContain('2026-04-02T10:00:00-05:00');
  });

  it('has a clean environment, a folder for itself and git', async () => {
    const command = 'env | sort; ls ~; test -w . && test -w ~ && test -w "$TMPDIR" && git rev-parse HEAD';
    const { build: one, log: text } = await build({ command, environment: { TEMPO: '120 bpm' } });
    expect(one).toMatchObject({ exit_code: 0 });
    expect(text).toContain('TEMPO=120 bpm\n');
    expect(text).toContain(`CONTINUITY_BUILD_ID=${one.id_str}\nCONTINUITY_BUILD_REQUEST_ID=`);
    expect(text).toContain(`CONTINUITY_COMMIT=${sha}\n`);
    expect(text).toMatch(new RegExp(`^${sha}$`, 'm'));
    for (const name of ['SSH_AUTH_SOCK', 'GIT_', 'DATA_DIR', 'CONTINUITY_RUNNER_TOKEN', 'VITEST', 'npm_'])
      expect(text).not.toContain(name);
  });

  it('shows no secret in its log', async () => {
    const id = await project();
    const { id: suiteId } = await suite(id, {
      command: 'echo "$KEY"; printf %s "${KEY%4567}"; printf "4567\\n"; exit 3',
    });
    const path = `/projects/${id}/suites/${suiteId}/secrets/KEY`;
    const set = await server.client.put(path, { as: owner.apiKey, json: { value: 'hush-01234567' } });
    expect(set.status).toBeLessThan(300);
    const request = await ended(await ask(id));
    const text = (await log(request.builds[0].id_str)).toString();
    expect(text).toContain('***\n***\n');
    expect(text).not.toContain('hush');
  });

  it('fails with the exit code of its command', async () => {
    const { request, build: one } = await build({ command: 'echo no >&2; exit 7' });
    expect(request).toMatchObject({ result: 'failed' });
    expect(one).toMatchObject({ state: 'build_failed', exit_code: 7, failure: 'exit_code' });
  });

  it('that forks and never ends is killed with all that it started', async () => {
    const word = `99${Date.now()}`;
    const command = `setsid sleep ${word} & (trap "" TERM; sleep ${word}) & echo started; sleep ${word}`;
    const { build: one, log: text } = await build({ command, timeout_seconds: 1 });
    expect(one).toMatchObject({ state: 'build_failed', failure: 'timeout' });
    expect(text).toMatch(/started\n\[continuity\] Killed after 1 second\.\n$/);
    if (await isSandboxed()) expect(await runs(word)).toBe(false);
  });

  it('ends with its command, whatever that left in the background', async () => {
    const word = `98${Date.now()}`;
    const { build: one } = await build({ command: `sleep ${word} & setsid sleep ${word} > /dev/null 2>&1 & exit 0` });
    expect(one).toMatchObject({ state: 'build_succeed' });
    if (await isSandboxed()) expect(await runs(word)).toBe(false);
  });

  it('may print anything', async () => {
    const command = `bash -c 'printf "\\x00\\xff\\xfe"; head -c 5242880 /dev/zero | tr "\\0" x; echo; echo end'`;
    const { build: one, log: text } = await build({ command });
    expect(one).toMatchObject({ exit_code: 0, log_truncated: false });
    const bytes = await log(one.id_str);
    expect(bytes.includes(Buffer.from([0, 255, 254, 120, 120]))).toBe(true);
    expect(text).toMatch(/x\nend\n\[continuity\]/);
    expect(bytes.length).toBeGreaterThan(5_242_880);
  });

  it('may print too much: the log says so, and the build goes on', async () => {
    const { build: one, log: text } = await build({ command: 'head -c 30000000 /dev/zero; exit 4' });
    expect(one).toMatchObject({ exit_code: 4, log_truncated: true, log_size: MAX_LOG });
    expect(text).toContain('The log is full');
  });

  it('stops when it is cancelled', async () => {
    const id = await project();
    await suite(id, { command: `bash -c '${gate.wait('cancelled')}; while :; do echo more; sleep 0.1; done'` });
    const request = await ask(id);
    await gate.reached('cancelled');
    expect((await server.client.post(`/build_requests/${request}/cancel`, { as: owner.apiKey })).status).toBe(200);
    gate.open('cancelled');
    await runner.told(/cancelled: The build request was cancelled/);
    expect(await get(`/build_requests/${request}`)).toMatchObject({ result: 'cancelled' });
  });

  it('of a runner that is stopped is built by another one', async () => {
    const id = await project();
    await suite(id, { command: `bash -c '${gate.wait('stopped')}'` });
    const request = await ask(id);
    await gate.reached('stopped');
    const { workDir } = runner;
    await runner.stop();
    await expect(readdir(workDir)).rejects.toThrow('ENOENT');
    expect(runner.lines.at(-1)).toBe('stopped');
    await server.deps.db
      .updateTable('runner_tasks')
      .set({ leased_until: new Date(0) })
      .where('state', '=', 'leased')
      .execute();
    gate.open('stopped');
    runner = await startRunner({ url: server.url, token, unsafe: true });
    await runner.told(/exit code/);
    expect(await ended(request)).toMatchObject({ result: 'succeed' });
  });
});

it('a runner that is broken leaves builds to others, and takes no more', async () => {
  const id = await project();
  await suite(id, { name: 'first', command: `bash -c '${gate.wait('broken')}'` });
  await suite(id, { name: 'second', command: 'cat kick.txt' });
  const request = await ask(id);
  await gate.reached('broken');
  // As a disk that fails: no folder can be made any more, and none be removed.
  const [own = ''] = await readdir(runner.workDir);
  await rename(join(runner.workDir, own), join(runner.workDir, 'lost'));
  await writeFile(join(runner.workDir, own), '');
  gate.open('broken');
  await runner.told(/: given up: /);
  await runner.told(/in trouble: it asks for no work for 5 seconds/);
  const other = await startRunner({ url: server.url, token, unsafe: true });
  const leased = server.deps.db.updateTable('runner_tasks').set({ leased_until: new Date(0) });
  await leased.where('state', '=', 'leased').execute();
  expect(await ended(request)).toMatchObject({ result: 'succeed' });
  await other.stop();
});

describe('a server that is away', () => {
  it.each(['dead', 'deaf'] as const)('(%s) for a while costs nothing: the log has every line once', async (how) => {
    await runner.stop();
    const wire = await openWire(server.url);
    runner = await startRunner({ url: wire.url, token, unsafe: true });
    const id = await project();
    await suite(id, { command: `bash -c 'echo first; ${gate.wait(how)}; for n in {1..20000}; do echo line $n; done'` });
    const request = await ask(id);
    await gate.reached(how);
    wire.cut(how);
    gate.open(how);
    await expect.poll(() => wire.failures, { timeout: 20_000 }).toBeGreaterThan(3);
    wire.mend();
    expect(await ended(request)).toMatchObject({ result: 'succeed' });
    const { builds } = await get(`/build_requests/${request}`);
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n + 1}\n`).join('');
    expect((await log(builds[0].id_str)).toString()).toContain(`first\n${lines}[continuity] Ended`);
    await runner.stop();
    wire.stop();
  });
});

describe('a sandbox', () => {
  it('shows nothing of the runner, of other builds and of the server', async ({ skip }) => {
    if (!(await isSandboxed())) skip('neither bubblewrap nor root is there');
    const command = `for e in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do tr '\\0' '\\n' < $e 2>/dev/null; done
      ls -R ${runner.workDir} ${process.cwd()}/data /root /home 2>&1 | head -100
      find / -xdev -newermt 2000-01-01 \\( -name 'master.ke[y]' -o -name agent -o -name .env \\) 2>/dev/null
      id -u; sudo -n id 2>&1; touch /usr/x /etc/x /x 2>&1; exit 0`;
    const { log: text } = await build({ command });
    expect(text).not.toContain(token);
    expect(text).not.toContain('SSH_AUTH_SOCK');
    expect(text).not.toMatch(/runner-\d+-\d+/);
    expect(text).not.toContain('master.key');
    expect(text).not.toMatch(/^0$/m);
    expect(text).not.toMatch(/^\/.*\/(agent|\.env)$/m);
    for (const path of ['/usr/x', '/etc/x', '/x']) expect(text).toMatch(new RegExp(`touch: .*${path}'`));
  });
});

describe('a repository', () => {
  const failed = async (url: string, ref = 'main') => {
    const id = await project();
    await suite(id, { command: 'true' });
    await server.deps.db.updateTable('projects').set({ repository_url: url }).where('id', '=', id).execute();
    const request = await ask(id);
    if (ref !== 'main')
      await server.deps.db.updateTable('build_requests').set({ ref }).where('id', '=', request).execute();
    return ended(request);
  };

  it.each([
    ['that does not exist', () => repositories.url('nothing'), 'main', 'repository_refused'],
    ['on a port where nobody answers', () => 'git://127.0.0.1:1/kit', 'main', 'repository_unreachable'],
    ['without the ref', () => repositories.url('kit'), 'nope', 'ref_not_found'],
    ['without the commit', () => repositories.url('kit'), 'a'.repeat(40), 'ref_not_found'],
    ['in a file', () => `file://${repositories.folder}/kit`, 'main', 'repository_refused'],
    ['in a path', () => `${repositories.folder}/kit`, 'main', 'repository_refused'],
    ['of a command', () => 'ext::sh -c touch% /tmp/continuity-ext', 'main', 'repository_refused'],
    ['that is an option', () => '--upload-pack=touch /tmp/continuity-ext', 'main', 'repository_refused'],
  ])('%s has a clear end', async (_what, url, ref, error) => {
    expect(await failed(url(), ref)).toMatchObject({ state: 'processed', result: 'failed', error });
  });

  it('is found by branch, tag, full name and commit', async () => {
    await repositories.git('kit', 'tag', '-f', '-a', '-m', 'one', 'v1');
    const id = await project();
    await suite(id, { command: 'true' });
    for (const ref of ['main', 'v1', 'refs/heads/main', 'refs/tags/v1', 'HEAD', sha]) {
      const request = await ended(await ask(id, { ref }));
      expect([ref, request.error, request.result]).toEqual([ref, undefined, 'succeed']);
    }
  });

  it('may be a file where the runner allows it', async () => {
    await runner.stop();
    runner = await startRunner({ url: server.url, token, unsafe: true, allowProtocols: ['file'] });
    expect(await failed(`file://${repositories.folder}/kit`)).toMatchObject({ result: 'succeed' });
  });

  it('runs none of its own programs on the runner', async () => {
    const files = {
      '.gitattributes': '* filter=evil\n',
      '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = ext::id\n',
    };
    await repositories.commit('evil', { ...files, 'a.txt': 'a' });
    expect(await failed(repositories.url('evil'))).toMatchObject({ result: 'succeed' });
  });
});

describe('an artifact', () => {
  const publish = { product_id: 'drums', version: '1.1.0', activate: true };
  const made = async (command: string, artifact_path = 'dist') => {
    await server.client.post('/api/products', { as: owner.apiKey, json: { name: 'Drums', slug: 'drums' } });
    const id = await project();
    await suite(id, { command, artifact_path });
    const request = await ended(await ask(id, { ref: 'main', publish }));
    return { request, build: await get(`/builds/${request.builds[0].id_str}`) };
  };

  it('is published when the build has succeeded', async () => {
    const { request } = await made('mkdir dist && cp kick.txt hats/open.txt dist');
    expect(request).toMatchObject({ result: 'succeed' });
    const versions = await server.client.get('/api/products/drums/versions', { as: owner.apiKey });
    expect(versions.json).toMatchObject([{ version: '1.1.0', fileCount: 2 }]);
  });

  it('may be a file', async () => {
    expect((await made('true', 'hats/open.txt')).request).toMatchObject({ result: 'succeed' });
  });

  it.each([
    ['is missing', 'true', /There is no dist/],
    ['is a link out of the folder', 'ln -s /etc dist', /symbolic link/],
    ['lies behind one', 'ln -s / out', /symbolic link/, 'out/etc/hostname'],
    ['holds one', 'mkdir dist; ln -s /etc/passwd dist/passwd', /"passwd" is a symbolic link/],
    ['holds a pipe', 'mkdir dist; mkfifo dist/pipe', /"pipe" is neither a file nor a folder/],
    ['is a pipe', 'mkfifo dist', /dist is neither a file nor a folder/],
    ['is empty', 'mkdir dist', /dist holds no files/],
  ])('that %s fails the build', async (_what, command, message, path = 'dist') => {
    const { build: one, request } = await made(command, path);
    expect(one).toMatchObject({ state: 'build_failed', failure: 'artifact', message: expect.stringMatching(message) });
    expect(one.message).not.toContain('/runner-');
    expect(request).toMatchObject({ result: 'failed' });
    expect(request.published_version_id ?? null).toBeNull();
  });
});

it('a token that is none stops the runner', async () => {
  const other = await startRunner({ url: server.url, token: `${token}x`, unsafe: true });
  await expect(other.ended).rejects.toThrow('does not accept the token');
});
