import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPageClient } from '../../src/testing/pages.ts';
import { mint } from './api.ts';
import { noise } from './random.ts';
import { bash, continuity, type Environment } from './run.ts';
import { startS3 } from './s3.ts';
import type { Scene } from './scene.ts';
import { databasePid, type Server, startServer } from './server.ts';
import type { Tally } from './tally.ts';

export const onFolder = (tally: Tally, scene: Scene) => quickstart(tally, scene, {});
export const onS3 = async (tally: Tally, scene: Scene) => quickstart(tally, scene, await startS3(scene));

/** The whole README on an empty machine, and again after a restart. */
async function quickstart(tally: Tally, scene: Scene, storage: Environment): Promise<void> {
  const first = await startServer(scene, { env: storage });
  tally.note(`empty data directory: ready after ${first.readyMs} ms`);
  const [, key = ''] = await first.says(/API key[^\n]*: (ct_[\w-]{43})\n/);
  await pasteLines(tally, scene, first, 'after the first start');
  await signInAsPrinted(tally, first);
  const folder = await writeFolder(scene);
  const env = { CONTINUITY_URL: first.url, CONTINUITY_API_KEY: key };
  const published = await continuity(
    ['publish', folder, '--product', 'my-product', '--version', '1.0.0', '--activate'],
    env,
  );
  tally.check('publish --activate', published.code === 0 && /503 files/.test(published.out), published);
  const again = await continuity(['publish', folder, '--product', 'my-product', '--version', '1.0.0', '--json'], env);
  const { packsUploaded, alreadyPublished } = JSON.parse(again.out || '{}');
  tally.check('publishing the same again uploads nothing', packsUploaded === 0 && alreadyPublished === true, again);
  await writeFile(join(folder, 'one more'), 'changed');
  const other = await continuity(['publish', folder, '--product', 'my-product', '--version', '1.0.0'], env);
  const clear = other.code === 1 && /1\.0\.0/.test(other.err) && !/at .*\.js/.test(other.err);
  tally.check('other content under the same number is refused', clear, other);
  await bash("rm 'one more'", folder);

  const sha256 = await downloadAndCompare(tally, scene, first.url, key, folder);
  const stopped = await first.stop();
  tally.check('SIGTERM: exit 0 within 5 s', stopped.code === 0 && stopped.ms < 5000, stopped);
  tally.check('the database is gone with it', (await databasePid(first.dataDir)) === undefined);

  const second = await startServer(scene, { dataDir: first.dataDir, port: first.port, env: storage });
  tally.note(`restart: ready after ${second.readyMs} ms`);
  await pasteLines(tally, scene, second, 'after a restart', { CONTINUITY_API_KEY: key });
  await newPasswordAsPrinted(tally, second);
  const target = await scene.folder();
  const resumed = await cutAndResume(target, second.url, key);
  tally.check('a download resumes after a restart', resumed === sha256, resumed);
  const { code } = await second.stop();
  tally.check('exit 0 again', code === 0, code);
}

/** Types the printed address and password into the sign-in page. */
async function signInAsPrinted(tally: Tally, server: Server): Promise<void> {
  const [, page = ''] = await server.says(/Sign in on (\S+)\n/);
  const [, email = ''] = await server.says(/E-mail address: (\S+)\n/);
  const [, password = ''] = await server.says(/Password \(shown once\): (\S+)\n/);
  tally.check('it prints where to sign in', page === `${server.url}/dashboard`, page);
  const browser = createPageClient(server);
  const { status, headers } = await browser.submit('/dashboard/sign-in', { email, password });
  tally.check('the printed password signs in', status === 303 && headers.location === '/dashboard', status);
  const overview = await browser.get('/dashboard');
  tally.check('and the overview opens', overview.status === 200 && overview.text.includes(email), overview.text);
}

/** Runs the printed command beside the server and opens the link that it prints. */
async function newPasswordAsPrinted(tally: Tally, server: Server): Promise<void> {
  const [, args = ''] = await server.says(/Another password: npx continuity (.*)\n/);
  const { code, out } = await continuity(args.split(' '), server.env);
  const link = new URL(/http\S+/.exec(out)?.[0] ?? server.url);
  const browser = createPageClient(server);
  const page = await browser.get(link.pathname + link.search);
  tally.check('the printed command makes a link to choose a password', code === 0 && page.status === 200, out);
}

async function pasteLines(tally: Tally, scene: Scene, server: Server, when: string, env: Environment = {}) {
  const [, mintLine = ''] = await server.says(/Mint a download URL:\n {2}(curl .*)\n/);
  const [, downloadLine = ''] = await server.says(/Download it:\n {2}(curl .*)\n/);
  const cwd = await scene.folder();
  const minted = await bash(mintLine, cwd, env);
  tally.check(`the printed mint line works ${when}`, /"downloadUrl":"http/.test(minted.out), minted);
  const downloaded = await bash(downloadLine, cwd, env);
  const files = await readdir(cwd);
  const isZip = files.length === 1 && files[0] === 'epic-drums-v1-1.0.0.zip';
  tally.check(`the printed download line works ${when}`, downloaded.code === 0 && isZip, [downloaded, files]);
  const tested = await bash('unzip -tq *.zip', cwd);
  tally.check(`and it is a good archive ${when}`, tested.code === 0, tested);
}

/** An empty file, one of 20 MiB, 500 small ones, and names that are not ASCII: 503 files. */
async function writeFolder(scene: Scene): Promise<string> {
  const folder = join(await scene.folder(), 'my-folder');
  await mkdir(join(folder, 'Größe', '日本語'), { recursive: true });
  await mkdir(join(folder, 'small'));
  await writeFile(join(folder, 'empty'), '');
  await writeFile(join(folder, 'large.bin'), noise('large', 20 * 1024 * 1024));
  await writeFile(join(folder, 'Größe', '日本語', 'café “x” 🥁.wav'), noise('cafe', 1234));
  for (let i = 0; i < 500; i++) await writeFile(join(folder, 'small', `${i}.txt`), noise(`small ${i}`, 10 + 13 * i));
  return folder;
}

async function downloadAndCompare(tally: Tally, scene: Scene, url: string, key: string, folder: string) {
  const target = await scene.folder();
  const got = await bash(`curl -sSfOJ '${await mint(url, key, 'my-product')}'`, target);
  const [name = ''] = await readdir(target);
  tally.check('curl -OJ names the archive', got.code === 0 && name === 'my-product-1.0.0.zip', [got, name]);
  const unpacked = await bash(`unzip -q '${name}' -d out && diff -r '${folder}' out`, target, { LANG: 'C.UTF-8' });
  tally.check('unzip, then diff -r is empty', unpacked.code === 0 && unpacked.out === '', unpacked);
  const sha256 = digest(await readFile(join(target, name)));
  tally.check('a cut download resumes to the same SHA-256', (await cutAndResume(target, url, key)) === sha256);
  const across = await cutAndResume(target, url, key, true);
  tally.check('also under a fresh token', across === sha256, across);
  return sha256;
}

/** Cuts a download half way with curl and goes on with `-C -`. */
async function cutAndResume(cwd: string, url: string, key: string, freshToken = false): Promise<string> {
  const link = await mint(url, key, 'my-product', '1.0.0');
  await bash(`rm -f x.zip; curl -sS -r 0-9999999 -o x.zip '${link}'`, cwd);
  const half = join(cwd, 'x.zip');
  if ((await stat(half)).size !== 10_000_000) return 'the first half is missing';
  await truncate(half, 9_999_000);
  const next = freshToken ? await mint(url, key, 'my-product', '1.0.0') : link;
  const { code, err } = await bash(`curl -sSf -o x.zip -C - '${next}'`, cwd);
  return code === 0 ? digest(await readFile(half)) : err;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
