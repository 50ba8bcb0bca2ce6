import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Manifest } from '../src/manifests/manifest.ts';
import { productHash } from '../src/manifests/product_hash.ts';
import { GIB, writeRandomFolder } from './folder.ts';
import { requireLittle, watchMemory } from './memory.ts';
import { execute, freePort, residentMemory, start, untilAnswers } from './program.ts';
import { alternate, printMedians, ratio } from './rounds.ts';
import { type Server, startServer, temporaryFolder } from './server.ts';

/** A 1 GiB version through /download against nginx with its ZIP as a file; memory also for a sparse one of 20 GiB. */
export async function run(rounds = 5): Promise<string> {
  const server = await startServer();
  const folder = await temporaryFolder();
  await writeRandomFolder(join(folder, 'content'), GIB, 64, 1.2);
  await server.command(['publish', join(folder, 'content'), '--product', 'large', '--version', '1.0.0', '--activate']);
  const ours = await mint(server, 'large');
  const before = await residentMemory(server.program.pid);
  const watch = watchMemory(server.program.pid);
  await mkdir(join(folder, 'www'));
  await execute('curl', ['-sf', '-o', join(folder, 'www', 'large.zip'), ours]);
  await execute('sync');
  const theirs = await startNginx(folder);

  const figures = await alternate(rounds, { ours: () => speed(ours), nginx: () => speed(theirs) });
  printMedians('MB/s', figures);
  requireLittle('1 GiB', (await watch()) - before);
  await downloadSparse(server);
  return `download: ${ratio(figures.ours, figures.nginx).toFixed(2)} of nginx (median of ${rounds}; target 0.5)`;
}

async function mint(server: Server, productId: string): Promise<string> {
  const { downloadUrl } = await call(server, 'POST', '/api/generate-download-url', { productId });
  return String(downloadUrl);
}

async function call(server: Server, method: string, path: string, json?: unknown): Promise<Record<string, unknown>> {
  const headers = { Authorization: `Bearer ${server.apiKey}`, 'Content-Type': 'application/json' };
  const body = json === undefined ? null : JSON.stringify(json);
  const answer = await fetch(server.url + path, { method, headers, body });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

/** MB/s of one whole download. */
async function speed(url: string): Promise<number> {
  const { stdout } = await execute('curl', ['-sf', '-o', '/dev/null', '-w', '%{speed_download}', url]);
  return Number(stdout) / 1e6;
}

async function startNginx(folder: string): Promise<string> {
  const port = await freePort();
  const configuration = `
    daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
    events {}
    http {
      access_log off; sendfile on; tcp_nopush on;
      client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
      uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      server { listen 127.0.0.1:${port}; root ${folder}/www; }
    }`;
  await writeFile(join(folder, 'nginx.conf'), configuration);
  await writeFile(join(folder, 'www', 'ready'), 'ready');
  start('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], join(folder, 'nginx.out'));
  await untilAnswers(`http://127.0.0.1:${port}/ready`);
  return `http://127.0.0.1:${port}/large.zip`;
}

/** One pack of zeros that a file of 20 GiB refers to again and again, published through the API itself. */
async function downloadSparse(server: Server): Promise<void> {
  const zeros = Buffer.alloc(8_000_000);
  const pack = createHash('sha256').update(zeros).digest('hex');
  const headers = { Authorization: `Bearer ${server.apiKey}`, 'Content-Type': 'application/octet-stream' };
  const stored = await fetch(`${server.url}/api/blob/bench/packs/pack-${pack}`, {
    method: 'PUT',
    headers,
    body: zeros,
  });
  if (!stored.ok) throw new Error(`the pack was refused: ${await stored.text()}`);
  await call(server, 'POST', '/api/products', { name: 'sparse', slug: 'sparse' });
  const manifest = sparseManifest(zeros, pack, 20 * GIB);
  const publication = { vendorId: 'bench', productId: 'sparse', version: '1.0.0', manifest, activate: true };
  const started = performance.now();
  const version = await call(server, 'POST', '/api/manifest', {
    ...publication,
    productHash: productHash(manifest.files),
  });
  for (let status: unknown = version.status; status !== 'ready'; await pause(100)) {
    if (status === 'failed') throw new Error('the sparse version failed');
    ({ status } = await call(server, 'GET', `/api/products/sparse/versions/${version.id}`));
  }
  console.log(`verification of 20 GiB: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  const before = await residentMemory(server.program.pid);
  const watch = watchMemory(server.program.pid);
  console.log(`download of 20 GiB: ${(await speed(await mint(server, 'sparse'))).toFixed(0)} MB/s`);
  requireLittle('20 GiB', (await watch()) - before);
}

/** Whole packs only, since slices of a pack may not overlap unless they are equal: a few bytes short of `size`. */
function sparseManifest(zeros: Buffer, pack: string, size: number): Manifest {
  const slice = { pack: 0, offset: 0, length: zeros.length };
  const segments = Array.from({ length: Math.floor(size / zeros.length) }, () => slice);
  const hash = createHash('sha256');
  for (const { length } of segments) hash.update(zeros.subarray(0, length));
  const file = { path: 'zeros.bin', size: segments.length * zeros.length, sha256: hash.digest('hex'), segments };
  return { v: 3, packs: [{ sha256: pack, size: zeros.length }], files: [file] };
}
