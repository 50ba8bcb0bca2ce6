import { setTimeout as pause } from 'node:timers/promises';
import { performBuild } from './build_task.ts';
import { requireWorking } from './choose_sandbox.ts';
import { createPatience } from './patience.ts';
import { Halt, messageOf, UnexpectedAnswer } from './problems.ts';
import { performResolve } from './resolve_task.ts';
import { type RunnerContext, withPlace } from './runner_context.ts';
import { type Kind, lease, type Task } from './wire.ts';

/** Leases and performs tasks of one kind, `places` at once. */
export async function workOn(context: RunnerContext, kind: Kind, places: number): Promise<void> {
  const { api, stopping, tell } = context;
  const busy = new Set<Promise<void>>();
  const patience = createPatience({
    probe: () => withPlace(context, (folder, account) => requireWorking(context.sandbox, folder, account)),
    pause: (ms) => pause(ms, undefined, { signal: stopping }).catch(() => undefined),
    tell,
  });
  try {
    while (!stopping.aborted) {
      if (busy.size >= places) {
        await Promise.race(busy);
        continue;
      }
      await patience.untilWell(stopping);
      const task = await lease(api, kind, stopping).catch((error: unknown) => {
        if (!stopping.aborted) throw error;
      });
      if (!task) continue;
      const work = perform(context, task)
        .then(patience.note)
        .finally(() => busy.delete(work));
      busy.add(work);
    }
  } finally {
    await Promise.all(busy);
  }
}

/** Answers whether the runner was fit for the task, however that ended. */
async function perform(context: RunnerContext, task: Task): Promise<boolean> {
  const name = task.build ? `build ${task.build.id_str}` : `build request ${task.build_request_id_str}`;
  const what = task.build ? `${task.build.name} at ${task.commit}` : `resolving ${task.ref}`;
  context.tell(`${name}: ${what}`);
  try {
    const end = await (task.kind === 'build' ? performBuild(context, task) : performResolve(context, task));
    context.tell(`${name}: ${end}`);
    return true;
  } catch (error) {
    // Without a report the lease runs out, and the server gives the task to another runner.
    context.tell(`${name}: given up: ${messageOf(error)}`);
    return error instanceof Halt || error instanceof UnexpectedAnswer;
  }
}
