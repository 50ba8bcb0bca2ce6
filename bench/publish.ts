import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GIB, writeRandomFolder } from './folder.ts';
import { cpuSeconds, execute } from './program.ts';
import { alternate, median, printMedians } from './rounds.ts';
import { type Server, startServer, temporaryFolder } from './server.ts';

const FILES = 2_000;
const LARGEST_PACK = 8_000_000;

/** Publishing 1 GiB in 2,000 files until it is ready, against copying it, syncing, and hashing it three times. */
export async function run(rounds = 3): Promise<string> {
  const server = await startServer();
  const folder = await temporaryFolder();
  const content = join(folder, 'content');
  await writeRandomFolder(content, GIB, FILES, 1.4);

  let round = 0;
  let publisher = { organisation: '', apiKey: '' };
  const copy = join(folder, 'copy');
  const figures = await alternate(rounds, {
    async ours() {
      round += 1;
      publisher = await createPublisher(server, `round-${round}`);
      return timed(() => publishFirst(server, content, publisher));
    },
    async 'cp+sync+3×sha256'() {
      const seconds = await timed(() => copyAndHash(content, copy));
      await rm(copy, { recursive: true });
      return seconds;
    },
  });
  printMedians('s', figures);
  console.log(`CPU of the server since its start: ${await cpuSeconds(server.program.pid)} s`);

  await writeFile(join(content, 'part-0', 'file-0.bin'), randomBytes(1_000));
  const again = await server.command(
    ['publish', content, '--product', publisher.organisation, '--version', '1.0.1'],
    publisher.apiKey,
  );
  console.log(`one small file changed: ${again.packsUploaded} pack, ${again.bytesUploaded} bytes uploaded`);
  if (again.packsUploaded !== 1 || Number(again.bytesUploaded) > LARGEST_PACK) throw new Error('more than one pack');
  const slower = median(figures.ours) / median(figures['cp+sync+3×sha256']);
  return `publish: ${slower.toFixed(2)} times cp+sync+3×sha256 (median of ${rounds}; target at most 1.5)`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  // What was written before must not be waited for by whoever syncs next.
  await execute('sync');
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** An organisation of its own for each round, which has none of the packs yet. */
async function createPublisher(server: Server, organisation: string) {
  const owner = ['--id', organisation, '--name', organisation, '--owner-email', `${organisation}@example.com`];
  const { apiKey } = await server.command(['org', 'create', ...owner]);
  return { organisation, apiKey: String(apiKey) };
}

async function publishFirst(
  server: Server,
  content: string,
  { organisation, apiKey }: { organisation: string; apiKey: string },
) {
  const options = ['--product', organisation, '--version', '1.0.0'];
  const { status } = await server.command(['publish', content, ...options], apiKey);
  if (status !== 'ready') throw new Error(`the version is ${status}`);
}

async function copyAndHash(content: string, copy: string): Promise<void> {
  const hash = 'find "$1" -type f -print0 | xargs -0 openssl dgst -sha256 > /dev/null';
  await execute('sh', ['-ec', `cp -r "$1" "$2"; sync; ${hash}; ${hash}; ${hash}`, 'sh', content, copy]);
}
