import { Command } from 'commander';
import { readConfig } from '../../config.ts';

/** `serve`, `worker` and `migrate`. What they need is loaded when they run. */
export function serverCommands(): Command[] {
  return [
    new Command('serve')
      .description('run the API, the worker and, unless DATABASE_URL is set, the database')
      .action(async () => {
        const { serve } = await import('../../server/serve.ts');
        process.exit(await serve(readConfig(process.env)));
      }),
    new Command('worker').description('run only the worker that checks versions and cleans up').action(async () => {
      const { work } = await import('../../server/work.ts');
      process.exit(await work(readConfig(process.env)));
    }),
    new Command('migrate')
      .description('bring the database up to date')
      .option('--json', 'print JSON')
      .action(async ({ json }: { json?: boolean }) => {
        const { withStorage } = await import('../with_storage.ts');
        await withStorage(async ({ migrated }) => {
          if (json) console.log(JSON.stringify({ migrated }));
          else console.log(migrated.length === 0 ? 'The database is up to date.' : `Ran ${migrated.join(', ')}.`);
        });
      }),
  ];
}
