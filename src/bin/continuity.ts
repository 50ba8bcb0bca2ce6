#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { administrationCommands } from './commands/administration.ts';
import { backupCommands } from './commands/backup.ts';
import { publishCommand } from './commands/publish.ts';
import { runnerCommand } from './commands/runner.ts';
import { serverCommands } from './commands/server.ts';
import { standingCommands } from './commands/standing.ts';
import { reportFailure } from './failure.ts';

if (existsSync('.env')) process.loadEnvFile('.env');

const program = new Command('continuity')
  .description('Release digital products, hand every buyer a link that works, and know what was downloaded.')
  .version(manifest.version)
  // Without this the program's own --version would take the one of `publish`.
  .enablePositionalOptions()
  .showHelpAfterError()
  .showSuggestionAfterError();
const commands = [...serverCommands(), ...administrationCommands(), ...standingCommands(), ...backupCommands()];
for (const command of [...commands, publishCommand(), runnerCommand()]) program.addCommand(command);

try {
  await program.parseAsync();
} catch (error) {
  reportFailure(error, process.argv.includes('--json'));
  // The channel to a parent of ours would keep this process alive.
  if (process.connected) process.disconnect();
}
