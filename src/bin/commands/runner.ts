import { readFile, stat } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { MORE_PROTOCOLS } from '../../building/git.ts';
import { RunnerError } from '../../building/problems.ts';

interface Options {
  url?: string;
  tokenFile?: string;
  concurrency: number;
  workDir?: string;
  read: string[];
  allowProtocol: string[];
  firstUid?: number;
  unsafe?: boolean;
}

/** `runner`: needs no access to the server's storage. */
export function runnerCommand(): Command {
  return new Command('runner')
    .description('build projects: lease tasks of a server and run their commands on this machine')
    .option('--url <url>', 'the server (default: CONTINUITY_URL, else http://127.0.0.1:8080)')
    .option('--token-file <file>', "file with the runner's token, which nobody else can read")
    .option('--concurrency <count>', 'builds at once', wholeNumber(1, 100), 1)
    .option('--work-dir <folder>', 'where repositories and builds lie for a while (default: a folder in TMPDIR)')
    .option('--read <folder>', 'show builds this folder with tools too, its bin/ in PATH; may be repeated', several, [])
    .addOption(
      new Option('--allow-protocol <name>', 'fetch over this too; may be repeated')
        .choices(MORE_PROTOCOLS)
        .argParser(protocols)
        .default([]),
    )
    .option(
      '--first-uid <number>',
      'root only: first of the user ids that builds run as, and nothing else (default: 2100000000)',
      wholeNumber(1000, 2_147_000_000),
    )
    .option('--unsafe', 'run builds also where nothing keeps them from the rest of this machine')
    .addHelpText('after', '\nThe token is read from CONTINUITY_RUNNER_TOKEN unless --token-file is given.')
    .action(run);
}

async function run({ url, tokenFile, ...options }: Options): Promise<void> {
  const token = await readToken(tokenFile);
  delete process.env['CONTINUITY_RUNNER_TOKEN'];
  const server = url ?? process.env['CONTINUITY_URL'] ?? 'http://127.0.0.1:8080';
  if (!/^https?:\/\//.test(server) || !URL.canParse(server)) throw new RunnerError(`${server} is no URL of a server.`);
  const [{ runRunner }, { killAllGroups }] = await Promise.all([
    import('../../building/runner.ts'),
    import('../../building/spawned.ts'),
  ]);
  const stopping = new AbortController();
  const tell = (line: string) => console.log(`${new Date().toISOString()} ${line.replace(/\p{Cc}+/gu, ' ')}`);
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) {
      killAllGroups();
      process.exit(1);
    }
    tell(`${signal}: stopping; what runs is killed and will be built again (once more: exit at once)`);
    stopping.abort();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, onSignal);
  process.once('exit', killAllGroups);
  const secret = ['.env', process.env['DATA_DIR'] ?? 'data', ...(tokenFile === undefined ? [] : [tokenFile])];
  const { allowProtocol: allowProtocols, ...rest } = options;
  await runRunner({ ...rest, allowProtocols, url: server, token, secret, signal: stopping.signal, tell });
  process.exit(0);
}

async function readToken(file: string | undefined): Promise<string> {
  if (file !== undefined && ((await stat(file)).mode & 0o077) !== 0)
    throw new RunnerError(`others can read ${file}: run chmod 600 ${file}`);
  const text = file === undefined ? process.env['CONTINUITY_RUNNER_TOKEN'] : await readFile(file, 'utf8');
  const token = text?.trim();
  if (!token) throw new RunnerError('set CONTINUITY_RUNNER_TOKEN to the token that POST /runners answered');
  // It goes into a header.
  if (!/^ctr_[A-Za-z0-9_-]+$/.test(token)) throw new RunnerError('the token of a runner begins with ctr_');
  return token;
}

const several = (value: string, before: string[]): string[] => [...before, value];

function protocols(value: string, before: string[]): string[] {
  if (!MORE_PROTOCOLS.some((name) => name === value))
    throw new InvalidArgumentError(`Allowed choices are ${MORE_PROTOCOLS.join(', ')}.`);
  return several(value, before);
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return number;
  };
}
