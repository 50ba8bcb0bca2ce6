import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

describe('a repository', () => {
  const failed = async (url: string, ref = 'main') => {
    const id = await shop.addProject();
    await shop.addSuite(id, { command: 'true' });
    await site.server.deps.db.updateTable('projects').set({ repository_url: url }).where('id', '=', id).execute();
    const request = await shop.ask(id);
    if (ref !== 'main')
      await site.server.deps.db.updateTable('build_requests').set({ ref }).where('id', '=', request).execute();
    return shop.ended(request);
  };

  it.each([
    ['that does not exist', () => site.git.url('nothing'), 'main', 'repository_refused'],
    ['on a port where nobody answers', () => 'git://127.0.0.1:1/kit', 'main', 'repository_unreachable'],
    ['without the ref', () => site.git.url('kit'), 'nope', 'ref_not_found'],
    ['without the commit', () => site.git.url('kit'), 'a'.repeat(40), 'ref_not_found'],
    ['in a file', () => `file://${site.git.folder}/kit`, 'main', 'repository_refused'],
    ['in a path', () => `${site.git.folder}/kit`, 'main', 'repository_refused'],
    ['of a command', () => 'ext::sh -c touch% /tmp/continuity-ext', 'main', 'repository_refused'],
    ['that is an option', () => '--upload-pack=touch /tmp/continuity-ext', 'main', 'repository_refused'],
  ])('%s has a clear end', async (_what, url, ref, error) => {
    expect(await failed(url(), ref)).toMatchObject({ state: 'processed', result: 'failed', error });
  });

  it('is found by branch, tag, full name and commit', async () => {
    await site.git.git('kit', 'tag', '-f', '-a', '-m', 'one', 'v1');
    const id = await shop.addProject();
    await shop.addSuite(id, { command: 'true' });
    for (const ref of ['main', 'v1', 'refs/heads/main', 'refs/tags/v1', 'HEAD', site.sha]) {
      const request = await shop.ended(await shop.ask(id, { ref }));
      expect([ref, request.error, request.result]).toEqual([ref, undefined, 'succeed']);
    }
  });

  it('may be a file where the runner allows it', async () => {
    await shop.runner.stop();
    shop.runner = await shop.startRunner({ allowProtocols: ['file'] });
    expect(await failed(`file://${site.git.folder}/kit`)).toMatchObject({ result: 'succeed' });
  });

  it('runs none of its own programs on the runner', async () => {
    const files = {
      '.gitattributes': '* filter=evil\n',
      '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = ext::id\n',
    };
    await site.git.commit('evil', { ...files, 'a.txt': 'a' });
    expect(await failed(site.git.url('evil'))).toMatchObject({ result: 'succeed' });
  });
});
