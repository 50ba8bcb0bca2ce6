import { readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWire } from '../testing/runner_program.ts';
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

it('a build of a runner that is stopped is built by another one', async () => {
  const id = await shop.addProject();
  await shop.addSuite(id, { command: `bash -c '${site.gate.wait('stopped')}'` });
  const request = await shop.ask(id);
  await site.gate.reached('stopped');
  const { workDir } = shop.runner;
  await shop.runner.stop();
  await expect(readdir(workDir)).rejects.toThrow('ENOENT');
  expect(shop.runner.lines.at(-1)).toBe('stopped');
  await site.server.deps.db
    .updateTable('runner_tasks')
    .set({ leased_until: new Date(0) })
    .where('state', '=', 'leased')
    .execute();
  site.gate.open('stopped');
  shop.runner = await shop.startRunner();
  await shop.runner.told(/exit code/);
  expect(await shop.ended(request)).toMatchObject({ result: 'succeed' });
});

it('a runner that is broken leaves builds to others, and takes no more', async () => {
  const id = await shop.addProject();
  await shop.addSuite(id, { name: 'first', command: `bash -c '${site.gate.wait('broken')}'` });
  await shop.addSuite(id, { name: 'second', command: 'cat kick.txt' });
  const request = await shop.ask(id);
  await site.gate.reached('broken');
  // As a disk that fails: no folder can be made any more, and none be removed.
  const [own = ''] = await readdir(shop.runner.workDir);
  await rename(join(shop.runner.workDir, own), join(shop.runner.workDir, 'lost'));
  await writeFile(join(shop.runner.workDir, own), '');
  site.gate.open('broken');
  await shop.runner.told(/: given up: /);
  await shop.runner.told(/in trouble: it asks for no work for 5 seconds/);
  const other = await shop.startRunner();
  const leased = site.server.deps.db.updateTable('runner_tasks').set({ leased_until: new Date(0) });
  await leased.where('state', '=', 'leased').execute();
  expect(await shop.ended(request)).toMatchObject({ result: 'succeed' });
  await other.stop();
});

describe('a server that is away', () => {
  it.each(['dead', 'deaf'] as const)('(%s) for a while costs nothing: the log has every line once', async (how) => {
    await shop.runner.stop();
    const wire = await openWire(site.server.url);
    shop.runner = await shop.startRunner({ url: wire.url });
    const id = await shop.addProject();
    await shop.addSuite(id, {
      command: `bash -c 'echo first; ${site.gate.wait(how)}; for n in {1..20000}; do echo line $n; done'`,
    });
    const request = await shop.ask(id);
    await site.gate.reached(how);
    wire.cut(how);
    site.gate.open(how);
    await expect.poll(() => wire.failures, { timeout: 20_000 }).toBeGreaterThan(3);
    wire.mend();
    expect(await shop.ended(request)).toMatchObject({ result: 'succeed' });
    const { builds } = await shop.get(`/build_requests/${request}`);
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n + 1}\n`).join('');
    expect((await shop.log(builds[0].id_str)).toString()).toContain(`first\n${lines}[continuity] Ended`);
    await shop.runner.stop();
    wire.stop();
  });
});

it('a token that is none stops the runner', async () => {
  const other = await shop.startRunner({ token: `${shop.token}x` });
  await expect(other.ended).rejects.toThrow('does not accept the token');
});
