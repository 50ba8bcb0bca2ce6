import { plain } from './git_words.ts';
import { keepLease } from './keep_lease.ts';
import { RepositoryProblem } from './problems.ts';
import { resolveRef } from './repository.ts';
import { type RunnerContext, withPlace } from './runner_context.ts';
import { callsOf, type Resolution, type Task } from './wire.ts';

/**
 * Finds what a ref is, and says so. Rejects with a Halt where nobody wants to know any more, and with other errors where it
 * is the runner that failed.
 */
export async function performResolve(context: RunnerContext, task: Task): Promise<string> {
  const keeper = keepLease({
    heartbeat: (signal) => callsOf(context.api, task, signal).heartbeat(signal),
    stopping: context.stopping,
  });
  try {
    const resolution = await withPlace(context, async (folder, account): Promise<Resolution> => {
      const { repository_url: url, ssh_private_key: privateKey, known_hosts: knownHosts } = task;
      // What was pushed, whatever the branch is by now.
      const wanted = task.commit ?? task.ref;
      const place = { folder, account, allowed: context.allowed, signal: keeper.wanted };
      try {
        const found = await resolveRef({ url, privateKey, knownHosts }, wanted, place);
        const { commit } = found;
        return found.knownHosts === undefined ? { commit } : { commit, known_hosts: found.knownHosts };
      } catch (error) {
        keeper.wanted.throwIfAborted();
        if (!(error instanceof RepositoryProblem)) throw error;
        return { error: { code: error.code, message: plain(error.message) } };
      }
    });
    await callsOf(context.api, task, keeper.held).resolve(resolution);
    return resolution.error
      ? `${task.ref} of ${task.repository_url}: ${resolution.error.code}: ${resolution.error.message ?? ''}`
      : `${task.ref} of ${task.repository_url} is ${resolution.commit?.ref}`;
  } finally {
    keeper.end();
  }
}
