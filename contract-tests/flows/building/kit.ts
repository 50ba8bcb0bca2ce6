import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { call, mint } from '../api.ts';
import { bash } from '../run.ts';
import type { Scene } from '../scene.ts';
import type { Tally } from '../tally.ts';
import type { BuildRequest } from './platform.ts';
import type { Workshop } from './site.ts';

export const PRODUCT = 'epic-drums';

/** Makes an archive of more than one pack, and waits in between for whoever watches. */
const MAKE = `set -e
mkdir -p dist/hats
cp kick.txt dist
echo half way
eval "$WAIT"
seq 1 2000000 > dist/hats/large.txt
echo all done
`;

/** The repository of the product, with a test that fails. */
export const BROKEN = {
  'package.json': '{"name": "kit", "version": "1.1.0", "scripts": {"test": "node test.js"}}',
  'make.sh': MAKE,
  'kick.txt': 'boom\n',
  'test.js': `console.log('kick is too soft'); process.exit(1);`,
};

/** What mends it, unless the environment has a MOOD. */
export const FIXED = {
  'test.js': `console.log('kick is', process.env.MOOD ?? 'loud'); process.exit(process.env.MOOD ? 1 : 0);`,
};

export async function nothingPublished({ server: { url }, account: { apiKey: key } }: Workshop): Promise<boolean> {
  const { text } = await call('GET', `${url}/api/products/${PRODUCT}/versions`, { key });
  const json = { productId: PRODUCT };
  return text === '[]' && (await call('POST', `${url}/api/generate-download-url`, { key, json })).status === 404;
}

/** Downloads it as a customer would, and compares every byte with what the repository's own script makes. */
export async function published(
  tally: Tally,
  scene: Scene,
  { git, account, server: { url } }: Workshop,
  request: BuildRequest,
  version: string,
): Promise<void> {
  const key = account.apiKey;
  const versions = `${url}/api/products/${PRODUCT}/versions`;
  const made = request.result === 'succeed' && request.published_version_id_str !== undefined;
  tally.check(`${version}: every suite succeeds, and it is published`, made, request);
  const { text } = await call('GET', versions, { key });
  const rows = (JSON.parse(text) as { id: string; version: string }[]).filter((row) => row.version === version);
  tally.check(`${version}: once`, rows.length === 1 && rows[0]?.id === request.published_version_id_str, text);
  for (let i = 0; i < 400; i++, await pause(50))
    if ((await call('GET', `${versions}/${rows[0]?.id}`, { key })).json.status !== 'processing') break;
  const cwd = await scene.folder();
  await bash(`git clone -q '${git.folder}/kit' own && cd own && WAIT=true sh make.sh`, cwd);
  // Without a number: it was activated.
  const got = await bash(`curl -sSfOJ '${await mint(url, key, PRODUCT)}'`, cwd);
  const name = (await readdir(cwd)).find((file) => file.endsWith('.zip'));
  const compared = await bash(
    `unzip -q '${name}' -d out && diff -r out own/dist && test -s own/dist/hats/large.txt`,
    cwd,
  );
  const whole = got.code === 0 && compared.code === 0 && name === `${PRODUCT}-${version}.zip`;
  tally.check(`${version}: minted, downloaded, and the same byte for byte`, whole, [got, compared, name]);
}
