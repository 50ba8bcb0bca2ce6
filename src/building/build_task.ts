import { counted } from '../pages/counted.ts';
import { ArtifactProblem, findArtifact, storeArtifact } from './artifact.ts';
import { openBuildLog, type BuildLog } from './build_log.ts';
import { runCommand } from './command.ts';
import { buildEnvironment } from './environment.ts';
import type { TaskFolder } from './folders.ts';
import { plain } from './git_words.ts';
import { keepLease, type Keeper } from './keep_lease.ts';
import { maskText } from './mask.ts';
import { Halt, messageOf, RepositoryProblem } from './problems.ts';
import { checkOut } from './repository.ts';
import { type RunnerContext, withPlace } from './runner_context.ts';
import { placeOf, startIn } from './sandbox.ts';
import type { Account } from './spawned.ts';
import { callsOf, type Report, type Task, type TaskCalls } from './wire.ts';

type Build = NonNullable<Task['build']>;

interface Work {
  readonly context: RunnerContext;
  readonly task: Task;
  readonly build: Build;
  readonly keeper: Keeper;
  readonly calls: TaskCalls;
  readonly log: BuildLog;
}

/**
 * Builds a suite, and says how it ended. Rejects with a Halt where nobody wants to know any more, and with other errors
 * where it was not the build that failed.
 */
export async function performBuild(context: RunnerContext, task: Task): Promise<string> {
  const { build } = task;
  if (!build) throw new Error('a task without its build');
  const keeper = keepLease({
    heartbeat: (signal) => callsOf(context.api, task, signal).heartbeat(signal),
    stopping: context.stopping,
  });
  const calls = callsOf(context.api, task, keeper.held);
  const secrets = Object.values(build.secrets);
  const log = openBuildLog(secrets, {
    offset: build.log_size,
    async send(offset, bytes) {
      const state = await calls.appendLog(offset, bytes);
      if (!state) keeper.check();
      return state;
    },
  });
  try {
    const report = await attempt({ context, task, build, keeper, calls, log });
    if (report.message !== undefined) log.say(report.message);
    await log.end();
    await calls.finish(report.message === undefined ? report : { ...report, message: shown(report.message, secrets) });
    return report.failure
      ? `${report.failure}: ${shown(report.message ?? '', secrets)}`
      : `exit code ${report.exit_code}`;
  } finally {
    keeper.end();
  }
}

const shown = (message: string, secrets: string[]): string => plain(maskText(message, secrets));

/** Does the work; what goes wrong with the build is its report, and what goes wrong with the runner is thrown. */
async function attempt(work: Work): Promise<Report> {
  try {
    return await withPlace(work.context, (folder, account) => build(work, folder, account));
  } catch (error) {
    work.keeper.held.throwIfAborted();
    if (error instanceof Halt) return { failure: 'cancelled', message: error.message };
    if (error instanceof RepositoryProblem) return { failure: 'repository', message: error.message };
    throw error;
  }
}

async function build(work: Work, folder: TaskFolder, account: Account): Promise<Report> {
  const { context, task, keeper, log } = work;
  const { repository_url: url, ssh_private_key: privateKey, known_hosts: knownHosts, commit = '' } = task;
  log.say(`Fetching ${commit} (${task.ref}) of ${url}.`);
  await checkOut({ url, privateKey, knownHosts }, commit, {
    folder,
    account,
    allowed: context.allowed,
    signal: keeper.wanted,
  });
  log.say(`Running ${work.build.name}.`);
  const ended = await runSuite(work, folder, account);
  if ('failure' in ended) return ended;
  if (ended.exitCode !== 0 || !work.build.artifact_wanted) {
    log.say(`Ended with exit code ${ended.exitCode}.`);
    return { exit_code: ended.exitCode };
  }
  return await publishArtifact(work, folder, account);
}

async function runSuite({ context, task, build, keeper, log }: Work, folder: TaskFolder, account: Account) {
  const { sandbox } = context;
  const facts = {
    ref: task.ref,
    commit: task.commit ?? '',
    projectId: task.project_id_str,
    buildRequestId: task.build_request_id_str,
    buildId: build.id_str,
    environment: build.environment,
    secrets: build.secrets,
  };
  const env = buildEnvironment(facts, placeOf(sandbox, folder));
  const start = await startIn(sandbox, folder, account, { command: build.command, env });
  return runCommand(start, {
    folder,
    account,
    ownAccount: account !== undefined,
    timeoutSeconds: build.timeout_seconds,
    signal: keeper.wanted,
    onOutput: (bytes) => log.write(bytes),
  });
}

async function publishArtifact(
  { build, calls, keeper, log }: Work,
  folder: TaskFolder,
  account: Account,
): Promise<Report> {
  const path = build.artifact_path ?? '';
  try {
    const files = await findArtifact({ source: folder.source, path, account, signal: keeper.wanted });
    log.say(`Uploading ${path}: ${counted(files.length, 'file')}.`);
    await calls.sendArtifact(await storeArtifact(files, calls.shelf));
    log.say('Ended with exit code 0.');
    return { exit_code: 0 };
  } catch (error) {
    keeper.wanted.throwIfAborted();
    if (error instanceof Halt) throw error;
    const words = error instanceof ArtifactProblem ? error.message : `${path} could not be stored: ${messageOf(error)}`;
    return { failure: 'artifact', message: words };
  }
}
