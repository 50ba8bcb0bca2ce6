import { readdir, readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_LOG } from '../builds/log_rules.ts';
import { openSite, openWorkshop, type Site, type Workshop } from '../testing/workshop.ts';

let site: Site;
let shop: Workshop;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  shop = await openWorkshop(site);
});
afterEach(() => shop.runner.stop().catch(() => undefined));

/** Whether a program with this word in its command line runs on this machine. */
async function runs(word: string): Promise<boolean> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (pid !== String(process.pid) && line.includes(word)) return true;
  }
  return false;
}

const isSandboxed = async () => !(await shop.runner.told(/waiting for work/)).includes('NO SANDBOX');

describe('a build', () => {
  it('runs the command at the commit of the ref, and keeps what it prints in order', async () => {
    const command = 'cat kick.txt; for n in 1 2 3; do echo out $n; echo err $n >&2; done; echo last > /dev/stderr';
    const { request, build: one, log: text } = await shop.build({ name: 'listen', command });
    expect(request).toMatchObject({ state: 'processed', result: 'succeed' });
    expect(one).toMatchObject({ state: 'build_succeed', exit_code: 0 });
    expect(text).toContain('boom\nout 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nlast\n');
    expect(text).toContain(`[continuity] Fetching ${site.sha} (main)`);
    const commit = await shop.get(`/projects/${request.project_id_str}/commits/${request.commit_id_str}`);
    expect(commit).toMatchObject({ ref: site.sha, message: 'Tune the kick drum' });
    expect(Object.values(commit)).toContain('2026-04-02T10:00:00-05:00');
  });

  it('has a clean environment, a folder for itself and git', async () => {
    const command = 'env | sort; ls ~; test -w . && test -w ~ && test -w "$TMPDIR" && git rev-parse HEAD';
    const { build: one, log: text } = await shop.build({ command, environment: { TEMPO: '120 bpm' } });
    expect(one).toMatchObject({ exit_code: 0 });
    expect(text).toContain('TEMPO=120 bpm\n');
    expect(text).toContain(`CONTINUITY_BUILD_ID=${one.id_str}\nCONTINUITY_BUILD_REQUEST_ID=`);
    expect(text).toContain(`CONTINUITY_COMMIT=${site.sha}\n`);
    expect(text).toMatch(new RegExp(`^${site.sha}$`, 'm'));
    for (const name of ['SSH_AUTH_SOCK', 'GIT_', 'DATA_DIR', 'CONTINUITY_RUNNER_TOKEN', 'VITEST', 'npm_'])
      expect(text).not.toContain(name);
  });

  it('shows no secret in its log', async () => {
    const id = await shop.addProject();
    const { id: suiteId } = await shop.addSuite(id, {
      command: 'echo "$KEY"; printf %s "${KEY%4567}"; printf "4567\\n"; exit 3',
    });
    const path = `/projects/${id}/suites/${suiteId}/secrets/KEY`;
    const set = await site.server.client.put(path, { as: shop.owner.apiKey, json: { value: 'hush-01234567' } });
    expect(set.status).toBeLessThan(300);
    const request = await shop.ended(await shop.ask(id));
    const text = (await shop.log(request.builds[0].id_str)).toString();
    expect(text).toContain('***\n***\n');
    expect(text).not.toContain('hush');
  });

  it('fails with the exit code of its command', async () => {
    const { request, build: one } = await shop.build({ command: 'echo no >&2; exit 7' });
    expect(request).toMatchObject({ result: 'failed' });
    expect(one).toMatchObject({ state: 'build_failed', exit_code: 7, failure: 'exit_code' });
  });

  it('that forks and never ends is killed with all that it started', async () => {
    const word = `99${Date.now()}`;
    const command = `setsid sleep ${word} & (trap "" TERM; sleep ${word}) & echo started; sleep ${word}`;
    const { build: one, log: text } = await shop.build({ command, timeout_seconds: 1 });
    expect(one).toMatchObject({ state: 'build_failed', failure: 'timeout' });
    expect(text).toMatch(/started\n\[continuity\] Killed after 1 second\.\n$/);
    if (await isSandboxed()) expect(await runs(word)).toBe(false);
  });

  it('ends with its command, whatever that left in the background', async () => {
    const word = `98${Date.now()}`;
    const { build: one } = await shop.build({
      command: `sleep ${word} & setsid sleep ${word} > /dev/null 2>&1 & exit 0`,
    });
    expect(one).toMatchObject({ state: 'build_succeed' });
    if (await isSandboxed()) expect(await runs(word)).toBe(false);
  });

  it('may print anything', async () => {
    const command = `bash -c 'printf "\\x00\\xff\\xfe"; head -c 5242880 /dev/zero | tr "\\0" x; echo; echo end'`;
    const { build: one, log: text } = await shop.build({ command });
    expect(one).toMatchObject({ exit_code: 0, log_truncated: false });
    const bytes = await shop.log(one.id_str);
    expect(bytes.includes(Buffer.from([0, 255, 254, 120, 120]))).toBe(true);
    expect(text).toMatch(/x\nend\n\[continuity\]/);
    expect(bytes.length).toBeGreaterThan(5_242_880);
  });

  it('may print too much: the log says so, and the build goes on', async () => {
    const { build: one, log: text } = await shop.build({ command: 'head -c 30000000 /dev/zero; exit 4' });
    expect(one).toMatchObject({ exit_code: 4, log_truncated: true, log_size: MAX_LOG });
    expect(text).toContain('The log is full');
  });

  it('stops when it is cancelled', async () => {
    const id = await shop.addProject();
    await shop.addSuite(id, {
      command: `bash -c '${site.gate.wait('cancelled')}; while :; do echo more; sleep 0.1; done'`,
    });
    const request = await shop.ask(id);
    await site.gate.reached('cancelled');
    expect((await site.server.client.post(`/build_requests/${request}/cancel`, { as: shop.owner.apiKey })).status).toBe(
      200,
    );
    site.gate.open('cancelled');
    await shop.runner.told(/cancelled: The build request was cancelled/);
    expect(await shop.get(`/build_requests/${request}`)).toMatchObject({ result: 'cancelled' });
  });
});

describe('a sandbox', () => {
  it('shows nothing of the runner, of other builds and of the server', async ({ skip }) => {
    if (!(await isSandboxed())) skip('neither bubblewrap nor root is there');
    const command = `for e in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do tr '\\0' '\\n' < $e 2>/dev/null; done
      ls -R ${shop.runner.workDir} ${process.cwd()}/data /root /home 2>&1 | head -100
      find / -xdev -newermt 2000-01-01 \\( -name 'master.ke[y]' -o -name agent -o -name .env \\) 2>/dev/null
      id -u; sudo -n id 2>&1; touch /usr/x /etc/x /x 2>&1; exit 0`;
    const { log: text } = await shop.build({ command });
    expect(text).not.toContain(shop.token);
    expect(text).not.toContain('SSH_AUTH_SOCK');
    expect(text).not.toMatch(/runner-\d+-\d+/);
    expect(text).not.toContain('master.key');
    expect(text).not.toMatch(/^0$/m);
    expect(text).not.toMatch(/^\/.*\/(agent|\.env)$/m);
    for (const path of ['/usr/x', '/etc/x', '/x']) expect(text).toMatch(new RegExp(`touch: .*${path}'`));
  });
});
