import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { setStanding } from '../../src/testing/accounts.ts';
import { accessibilityProblems, openChromium } from './chromium.ts';
import { hashesOf, putPicked, readPicked, stubPicker } from './picked_folder.ts';
import { openScene, type Scene } from './scene.ts';
import { looksRight as staysRight, picture, visit as openVisit, type VisitOptions } from './visit.ts';

const BLOCK = 1024 * 1024;

const DRUMS: Record<string, Buffer | string> = {
  'README.txt': 'Read me.\n',
  'empty.txt': '',
  'kits/kick.wav': randomBytes(300_000),
  'kits/caisse claire (léger).wav': randomBytes(200_000),
  'مرحبا/ملف.txt': 'Right to left.\n',
  // Above what the page hashes in one piece.
  'large/loop.wav': randomBytes(33 * BLOCK),
};

let scene: Scene;
let browser: Browser;
let drums: string;
before(async () => {
  browser = await openChromium();
  scene = await openScene();
  drums = await scene.publish('Epic Drums', DRUMS);
});
after(async () => {
  await browser?.close();
  await scene?.stop();
});

const visit = (url: string, run: (page: Page) => Promise<void>, options: VisitOptions = {}) =>
  openVisit(browser, url, run, { init: stubPicker, ...options });

const shoot = (page: Page, name: string) => picture(page, `download-${name}`);

const status = (page: Page) => page.locator('#folder-status');
const choose = (page: Page) => page.getByRole('button', { name: 'Choose a folder…' }).click();

async function waitForStatus(page: Page, text: string): Promise<void> {
  try {
    await status(page).filter({ hasText: text }).waitFor({ timeout: 20_000 });
  } catch {
    assert.fail(`expected "${text}", saw "${await status(page).textContent()}"`);
  }
}

async function sessionStatuses(url: string): Promise<string[]> {
  const hash = createHash('sha256')
    .update(new URL(url).searchParams.get('token') ?? '')
    .digest();
  const rows = await scene.server.deps.db
    .selectFrom('download_sessions as s')
    .innerJoin('download_tokens as t', 't.id', 's.token_id')
    .where('t.token_hash', '=', hash)
    .orderBy('s.id')
    .select('s.status')
    .execute();
  return rows.map((row) => row.status);
}

function looksRight(url: string, name: string, prepare?: (page: Page) => Promise<void>): Promise<void> {
  return visit(url, async (page) => {
    await prepare?.(page);
    await staysRight(page, `download-${name}`);
  });
}

test('the page says what the link holds, and nothing is wrong with it for axe-core', async () => {
  const url = await scene.mint(drums);
  await visit(url, async (page) => {
    assert.equal(await page.title(), 'Epic Drums 1.0.0');
    assert.match((await page.locator('main').textContent()) ?? '', /6 files/);
  });
  await looksRight(url, 'page');
  await looksRight(url, 'files', (page) => page.getByText('What is in it').click());
});

test('the keyboard reaches everything in order, and sees where it is', async () => {
  await visit(await scene.mint(drums), async (page) => {
    for (const name of ['Download ZIP (35.1 MB)', 'Choose a folder…', 'What is in it']) {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.textContent'), name);
      assert.equal(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Files' }).waitFor();
  });
});

test('without JavaScript the button downloads the archive', async () => {
  const without = async (page: Page) => {
    assert.equal(await page.locator('#folder').isVisible(), false);
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download ZIP' }).click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), `${drums}-1.0.0.zip`);
    assert.equal(await download.failure(), null);
  };
  await visit(await scene.mint(drums), without, { javaScriptEnabled: false });
});

test('a browser that writes no folders is offered none', async () => {
  await visit(await scene.mint(drums), async (page) => {
    await page.addInitScript('delete window.showDirectoryPicker; Window.prototype.showDirectoryPicker = undefined;');
    await page.reload();
    assert.equal(await page.locator('#folder').isVisible(), false);
  });
});

test('every file arrives in the folder, byte for byte, and the session completes', async () => {
  const url = await scene.mint(drums);
  await visit(url, async (page) => {
    await choose(page);
    await waitForStatus(page, 'Done. 6 files');
    await shoot(page, 'done');
    assert.deepEqual(await accessibilityProblems(page), []);
    assert.deepEqual(await readPicked(page), hashesOf(DRUMS));
    assert.deepEqual(await sessionStatuses(url), ['completed']);
  });
});

test('a pause stops the bytes, and going on ends with the right ones', async () => {
  const url = await scene.mint(drums);
  await visit(url, async (page) => {
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    const speed = (bytesPerSecond: number) =>
      network.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 0,
        downloadThroughput: bytesPerSecond,
        uploadThroughput: -1,
      });
    // Slow enough to be cut in the middle of the first pack.
    await speed(2 * BLOCK);
    await choose(page);
    // Asked from outside: what waits inside of the page needs eval, which the policy refuses.
    while (Number(await page.locator('#folder-progress').getAttribute('value')) < 0.05) await page.waitForTimeout(50);
    await page.getByRole('button', { name: 'Pause' }).click();
    await waitForStatus(page, 'Paused.');
    await shoot(page, 'paused');
    assert.deepEqual(await accessibilityProblems(page), []);
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Resume');
    const before = await page.locator('#folder-progress').getAttribute('value');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.waitForTimeout(500);
    assert.deepEqual(asked, []);
    assert.equal(await page.locator('#folder-progress').getAttribute('value'), before);
    await speed(-1);
    const continued = page.waitForRequest((request) => request.headers()['range'] !== undefined);
    await page.getByRole('button', { name: 'Resume' }).click();
    await continued;
    await waitForStatus(page, 'Done. 6 files');
    assert.deepEqual(await readPicked(page), hashesOf(DRUMS));
    assert.deepEqual(await sessionStatuses(url), ['completed']);
  });
});

test('a connection that is cut now and then is taken up again by itself', async () => {
  await visit(await scene.mint(drums), async (page) => {
    let cuts = 0;
    await page.route('**/download/packs/**', (route) => (cuts++ % 2 === 0 ? route.abort() : route.continue()));
    await choose(page);
    await waitForStatus(page, 'Done. 6 files');
    assert.ok(cuts >= 4);
    assert.deepEqual(await readPicked(page), hashesOf(DRUMS));
  });
});

test('a damaged pack is noticed: fetched anew once, refused when it stays damaged', async () => {
  const url = await scene.mint(drums);
  await visit(url, async (page) => {
    let damage = Number.POSITIVE_INFINITY;
    await page.route('**/download/packs/**', async (route) => {
      const response = await route.fetch();
      const body = Buffer.from(await response.body());
      if (damage-- > 0) body[1000] = (body[1000] ?? 0) ^ 1;
      await route.fulfill({ response, body });
    });
    await choose(page);
    await waitForStatus(page, 'arrives damaged');
    await shoot(page, 'damaged');
    assert.deepEqual(await accessibilityProblems(page), []);
    const saved = Object.entries(await readPicked(page));
    for (const [path, hash] of saved) assert.equal(hash, hashesOf(DRUMS)[path], `${path} was saved damaged`);
    assert.deepEqual(await sessionStatuses(url), ['failed']);
    damage = 1;
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForStatus(page, 'Done. 6 files');
    assert.deepEqual(await readPicked(page), hashesOf(DRUMS));
  });
});

test('what is in the folder is asked about; what is right stays, what differs is replaced', async () => {
  await visit(await scene.mint(drums), async (page) => {
    await choose(page);
    await waitForStatus(page, 'Done. 6 files');
    await putPicked(page, 'README.txt', 'Red me.!\n');
    await putPicked(page, 'mine.txt', 'My own.');
    const packs: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/packs/')) packs.push(request.url());
    });
    await page.getByRole('button', { name: 'Choose another folder…' }).click();
    await waitForStatus(page, '6 of 6 files are in');
    await shoot(page, 'asking');
    await page.getByRole('button', { name: 'Continue' }).click();
    await waitForStatus(page, 'Done. 6 files');
    assert.deepEqual(await readPicked(page), { ...hashesOf(DRUMS), ...hashesOf({ 'mine.txt': 'My own.' }) });
    assert.equal(packs.length, 1);
  });
});

test('a version that uses part of a pack is fetched by ranges, and checked by its files', async () => {
  const pro = await scene.server.publishSmall(scene.account, {
    files: { 'a.txt': 'A'.repeat(5000), 'b.txt': 'B'.repeat(5000), 'c.txt': 'C'.repeat(5000) },
  });
  const lite = { 'a.txt': 'A'.repeat(5000), 'c.txt': 'C'.repeat(5000) };
  await publishPart(pro, Object.keys(lite));
  const url = await scene.mint(pro.product, { version: 'lite' });
  await visit(url, async (page) => {
    let damage = 1;
    const ranges: (string | undefined)[] = [];
    await page.route('**/download/packs/**', async (route) => {
      ranges.push(route.request().headers()['range']);
      const response = await route.fetch();
      const body = Buffer.from(await response.body());
      if (damage-- > 0) body[10] = (body[10] ?? 0) ^ 1;
      await route.fulfill({ response, body });
    });
    await choose(page);
    await waitForStatus(page, 'Done. 2 files');
    assert.deepEqual(ranges, ['bytes=0-4999', 'bytes=0-4999', 'bytes=10000-14999']);
    assert.deepEqual(await readPicked(page), hashesOf(lite));
  });
});

async function publishPart(
  pro: Awaited<ReturnType<Scene['server']['publishSmall']>>,
  paths: readonly string[],
): Promise<void> {
  const { productHash } = await import('../../src/manifests/product_hash.ts');
  const { apiKey } = scene.account;
  const files = pro.manifest.manifest.files.filter(({ path }) => paths.includes(path));
  const manifest = { ...pro.manifest.manifest, files };
  const json = { ...pro.manifest, version: 'lite', manifest, productHash: productHash(files) };
  const { json: version } = await scene.server.client.post('/api/manifest', { as: apiKey, json });
  for (;;) {
    const path = `/api/products/${pro.product}/versions/${version.id}`;
    const { json: now } = await scene.server.client.get(path, { as: apiKey });
    if (now.status === 'ready') return;
    assert.equal(now.status, 'processing');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a name that the browser refuses is told, and the rest is saved', async () => {
  await visit(await scene.mint(drums), async (page) => {
    await page.evaluate(`{
      const real = FileSystemDirectoryHandle.prototype.getFileHandle;
      FileSystemDirectoryHandle.prototype.getFileHandle = function (name, options) {
        return name === 'README.txt' ? Promise.reject(new TypeError('Name is not allowed.')) : real.call(this, name, options);
      };
    }`);
    await choose(page);
    await waitForStatus(page, 'refuses to write README.txt');
    assert.equal(Object.keys(await readPicked(page)).length, 5);
  });
});

test('names are text, whatever they look like', async () => {
  const name = '<script>window.pwned=1</script>"\'&<img src=x onerror=window.pwned=1>';
  const product = await scene.publish(name, { "a&b 'i'.txt": '1', [`${'long-name-'.repeat(20)}.txt`]: '2' });
  await looksRight(await scene.mint(product), 'odd-names', async (page) => {
    assert.equal(await page.locator('h1').textContent(), name);
    assert.equal(await page.evaluate('window.pwned'), undefined);
    await page.getByText('What is in it').click();
  });
});

test('a link that ends while the page is open says so', async () => {
  const url = await scene.mint(drums, { maxDownloads: 1 });
  await visit(url, async (page) => {
    await scene.server.client.get(new URL(url).pathname, {
      query: { token: new URL(url).searchParams.get('token') ?? '' },
    });
    await choose(page);
    await waitForStatus(page, 'This link no longer works');
  });
});

test('a suspended publisher and an expired link have pages of their own', async () => {
  const { server } = scene;
  const account = await server.createAccount('admin');
  const { product } = await server.publishSmall(account);
  const minted = await server.client.post('/api/generate-download-url', {
    as: account.apiKey,
    json: { productId: product },
  });
  const url = String(minted.json.downloadUrl);
  await setStanding(server.deps, account.orgId, { suspended: true });
  await looksRight(url, 'suspended', async (page) => {
    assert.equal(await page.locator('h1').textContent(), 'This download is paused');
  });
  await setStanding(server.deps, account.orgId, { suspended: false });
  const past = new Date(Date.now() - 1000);
  await server.deps.db
    .updateTable('download_tokens')
    .set({ expires_at: past })
    .where('product_id', '=', product)
    .execute();
  await looksRight(url, 'expired', async (page) => {
    assert.equal(await page.locator('h1').textContent(), 'This link has expired');
  });
});

test('dead links are pages that say what to do', async () => {
  const { server } = scene;
  const used = await scene.mint(drums, { maxDownloads: 1 });
  await server.client.get('/download', { query: { token: new URL(used).searchParams.get('token') ?? '' } });
  await looksRight(used, 'used-up', async (page) => {
    assert.equal(await page.locator('h1').textContent(), 'This link is used up');
  });
  await looksRight(`${server.url}/download?token=unknown`, 'unknown', async (page) => {
    assert.equal(await page.locator('h1').textContent(), 'This link is not known');
  });
});
