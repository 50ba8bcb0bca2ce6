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

describe('an artifact', () => {
  const publish = { product_id: 'drums', version: '1.1.0', activate: true };
  const made = async (command: string, artifact_path = 'dist') => {
    await site.server.client.post('/api/products', { as: shop.owner.apiKey, json: { name: 'Drums', slug: 'drums' } });
    const id = await shop.addProject();
    await shop.addSuite(id, { command, artifact_path });
    const request = await shop.ended(await shop.ask(id, { ref: 'main', publish }));
    return { request, build: await shop.get(`/builds/${request.builds[0].id_str}`) };
  };

  it('is published when the build has succeeded', async () => {
    const { request } = await made('mkdir dist && cp kick.txt hats/open.txt dist');
    expect(request).toMatchObject({ result: 'succeed' });
    const versions = await site.server.client.get('/api/products/drums/versions', { as: shop.owner.apiKey });
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
