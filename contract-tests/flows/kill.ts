import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createOrganisation } from './account.ts';
import { type Acknowledged, contentOf, PRODUCT, startClients } from './kill_clients.ts';
import { ageTemporaryFiles, compareAll, findAgain, halfWritten, type Proof, untilVerified } from './kill_proof.ts';
import { freePort } from './ports.ts';
import { randomFrom } from './random.ts';
import { createProduct, onePack, type Publisher, postManifest, putPack } from './release.ts';
import { createScene } from './scene.ts';
import { killDatabase, startServer } from './server.ts';

/**
 * `npm run test:kill [count] [seed]`: kill -9 at random moments of upload, manifest and mint, with or without the
 * database. After each restart, and all together at the end, what was acknowledged must be there.
 */
const rounds = Number(process.argv[2] ?? 200);
const seed = Number(process.argv[3] ?? 20261121);
const random = randomFrom(seed);
const scene = createScene();
const started = Date.now();

const fresh = (): Acknowledged => ({ packs: new Set(), versions: new Map(), tokens: [] });

function keep(into: Acknowledged, from: Acknowledged): void {
  for (const pack of from.packs) into.packs.add(pack);
  for (const [version, id] of from.versions) into.versions.set(version, id);
  into.tokens.push(...from.tokens);
}

async function prepare(publisher: Publisher): Promise<void> {
  const { pack, manifest } = onePack(contentOf('0.0.0'));
  await createProduct(publisher, PRODUCT);
  await putPack(publisher, pack);
  await postManifest(publisher, PRODUCT, '0.0.0', manifest);
  await untilVerified(publisher, 60);
}

function report({ missing }: Proof, when: string): void {
  for (const what of missing) console.log(`missing ${when}: ${what}`);
}

try {
  const dataDir = await scene.folder();
  const blobs = join(dataDir, 'blobs');
  const options = { dataDir, port: await freePort(), env: { LOG_LEVEL: 'warn' } };
  let server = await startServer(scene, options);
  const { apiKey, orgId } = await createOrganisation(server, 'killed-company');
  const publisher = { url: server.url, key: apiKey, vendorId: orgId };
  await prepare(publisher);

  const all = fresh();
  let lostOnce = 0;
  let databases = 0;
  for (let round = 1; round <= rounds; round++) {
    const known = fresh();
    const clients = startClients(publisher, round, known);
    await pause(20 + random() * 400);
    const withDatabase = random() < 0.5;
    await Promise.all([server.killGroup(), withDatabase ? killDatabase(dataDir) : undefined]);
    databases += withDatabase ? 1 : 0;
    await clients.done;
    server = await startServer(scene, options);
    const proof = await findAgain(publisher, known);
    report(proof, `after round ${round}`);
    lostOnce += proof.missing.length;
    keep(all, known);
    if (round % 20 === 0) {
      const { packs, versions, tokens } = all;
      const seconds = Math.round((Date.now() - started) / 1000);
      console.log(
        `${round} kills (${databases} with the database), ${packs.size} packs, ${versions.size} versions, ${tokens.length} tokens, ${seconds} s`,
      );
    }
  }

  const rows = await untilVerified(publisher, 120);
  const wrong = await compareAll(publisher, rows, await scene.folder());
  for (const what of wrong) console.log(`wrong: ${what}`);
  const proof = await findAgain(publisher, all);
  report(proof, 'at the end');
  const broken = await halfWritten(blobs);
  for (const what of broken) console.log(`half-written: ${what}`);

  await server.killGroup();
  const orphans = await ageTemporaryFiles(blobs);
  server = await startServer(scene, options);
  const left = (await readdir(join(blobs, 'tmp'))).length;
  const exit = (await server.stop()).code;

  const acknowledged = all.packs.size + all.versions.size + all.tokens.length;
  console.log(`${rows.length} versions served whole, ${wrong.length} wrong, ${broken.length} half-written files`);
  console.log(`${orphans} orphaned temporary files, ${orphans - left} swept at the next start, exit code ${exit}`);
  console.log(
    `${rounds} kills (${databases} with the database), seed ${seed}, ${Math.round((Date.now() - started) / 1000)} s`,
  );
  console.log(`acknowledged ${acknowledged}, found ${proof.found}, missing ${proof.missing.length}`);
  const failed = proof.missing.length + lostOnce + wrong.length + broken.length + left > 0 || exit !== 0;
  process.exitCode = failed || acknowledged === 0 ? 1 : 0;
} finally {
  await scene.end();
}
process.exit();
