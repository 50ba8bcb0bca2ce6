import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { Command } from 'commander';

const KEY_NOTE =
  'The archive is useless without the master key: keep master.key of the data directory, or MASTER_KEY, beside it.';

interface Options {
  json?: boolean;
}

/** `backup` and `restore`: database and packs as one file. */
export function backupCommands(): Command[] {
  return [
    new Command('backup')
      .description('write the database and all packs to one file, while the server runs')
      .argument('<file>', 'where to; a tar archive')
      .option('--json', 'print JSON')
      .action(async (file: string, { json }: Options) => {
        const [{ withStorage }, { backup }] = await Promise.all([
          import('../with_storage.ts'),
          import('../../backup/backup.ts'),
        ]);
        const draft = `${file}.part`;
        const totals = await withStorage(async ({ database, blobs }) => {
          try {
            const written = await backup(
              { pool: database.pool, blobs },
              createWriteStream(draft, { mode: 0o600, flush: true }),
            );
            await rename(draft, file);
            return written;
          } catch (error) {
            await rm(draft, { force: true });
            throw error;
          }
        });
        if (json) console.log(JSON.stringify({ file, blobs: totals.blobs, tables: totals.tables }));
        else
          console.log(
            `${totals.blobs.count} blobs (${totals.blobs.bytes} bytes) and the database are in ${file}.\n${KEY_NOTE}`,
          );
      }),
    new Command('restore')
      .description('load a backup into an empty database and store')
      .argument('<file>', 'an archive that backup wrote')
      .option('--json', 'print JSON')
      .action(async (file: string, { json }: Options) => {
        const [{ withStorage }, { restore }] = await Promise.all([
          import('../with_storage.ts'),
          import('../../backup/restore.ts'),
        ]);
        // Opened first: a name that is wrong should not start a database.
        const archive = await open(file);
        const totals = await withStorage(({ database, blobs }) =>
          restore({ ...database, blobs }, archive.createReadStream()),
        );
        if (json) console.log(JSON.stringify({ file, blobs: totals.blobs, tables: totals.tables }));
        else console.log(`Restored ${totals.blobs.count} blobs and the database from ${file}.\n${KEY_NOTE}`);
      }),
  ];
}
