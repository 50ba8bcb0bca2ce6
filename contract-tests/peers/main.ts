import { createScene, type Scene } from '../flows/scene.ts';
import { createTally, type Tally } from '../flows/tally.ts';
import { commandLine } from './command_line.ts';
import { curl } from './curl.ts';
import { implicit } from './implicit.ts';
import { native } from './native.ts';
import { python } from './python.ts';
import { ruby } from './ruby.ts';
import { openPlain, openSecure, type Site } from './site.ts';
import { strangers } from './strangers.ts';

/**
 * `npm run test:peers [name…]`: clients that other people wrote, against the built server, over plain HTTP and over
 * its own TLS. A peer that is not installed fails. One line per statement; exit code 1 when one does not hold.
 */
const PEERS: Record<string, (tally: Tally, scene: Scene, site: Site) => Promise<void>> = {
  ruby,
  implicit,
  'command-line': commandLine,
  native,
  python,
  curl,
  strangers,
};
const SITES = { http: openPlain, https: openSecure };

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in PEERS || name in SITES));
if (unknown.length > 0) {
  const names = [...Object.keys(SITES), ...Object.keys(PEERS)].join(', ');
  console.error(`No such peer: ${unknown.join(', ')}. There are: ${names}`);
  process.exit(2);
}
/** A name narrows its own kind: `https ruby` is Ruby over TLS, `https` all over TLS. */
function chosen<T>(all: Record<string, T>): [string, T][] {
  const entries = Object.entries(all);
  return wanted.some((name) => name in all) ? entries.filter(([name]) => wanted.includes(name)) : entries;
}

const totals = { passed: 0, failed: 0 };
for (const [scheme, openSite] of chosen(SITES)) {
  const scene = createScene();
  try {
    const site = await openSite(scene);
    for (const [name, peer] of chosen(PEERS)) await attempt(`${name} over ${scheme}`, scene, site, peer);
  } catch (error) {
    createTally(scheme, totals).check('the server starts', false, error);
  } finally {
    await scene.end();
  }
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

async function attempt(name: string, scene: Scene, site: Site, peer: (typeof PEERS)[string]): Promise<void> {
  const tally = createTally(name, totals);
  await peer(tally, scene, site).catch((error: unknown) => tally.check('runs to its end', false, error));
}
