import type { components } from '../../generated/types.ts';
import type { PackShelf } from '../publish/upload.ts';
import type { Api, Answer } from './api.ts';
import type { SentArtifact } from './artifact.ts';
import type { LogState } from './log_shipper.ts';
import { Halt, RunnerError, UnexpectedAnswer } from './problems.ts';

type Schemas = components['schemas'];
type Ids = 'id' | 'fence' | 'project_id' | 'build_request_id';

/** A leased task. Numbers of 64 bits are read from their strings; a fence counts leases, and stays small. */
export type Task = Omit<Schemas['RunnerTask'], Ids> & { readonly fence: number };
export type Report = Schemas['TaskFinish'];
export type Resolution = Schemas['RefResolution'];
export type Kind = Task['kind'];

const LEASE_WAIT_SECONDS = 30;

/** Waits for a task; undefined where none came in time. Rejects with a RunnerError where the token is no good. */
export async function lease(api: Api, kind: Kind, signal: AbortSignal): Promise<Task | undefined> {
  const { status, json } = await api.request('POST', '/runner/lease', {
    json: { wait_seconds: LEASE_WAIT_SECONDS, kinds: [kind] },
    signal,
    timeoutMs: (LEASE_WAIT_SECONDS + 15) * 1000,
  });
  if (status === 200) return (json.response as Task | null | undefined) ?? undefined;
  const code = JSON.stringify(json?.error ?? status);
  if (status === 401) throw new RunnerError(`The server does not accept the token of this runner (${code}).`);
  throw new RunnerError(`The server does not give this runner work (${code}): is its URL the server's?`);
}

/** The calls about one task. Each rejects with a Halt when the lease is over. */
export interface TaskCalls {
  heartbeat(signal: AbortSignal): Promise<{ readonly cancelled: boolean }>;
  resolve(resolution: Resolution): Promise<void>;
  /** undefined: the server takes no more. */
  appendLog(offset: number, bytes: Buffer): Promise<LogState | undefined>;
  readonly shelf: PackShelf;
  sendArtifact(artifact: SentArtifact): Promise<void>;
  finish(report: Report): Promise<void>;
}

/** The statuses of a lease that is over, of a task that is gone, and of a runner that was revoked. */
const OVER: ReadonlySet<number> = new Set([401, 404, 409]);
const UPLOAD_MS = 10 * 60_000;

export function callsOf(api: Api, task: Task, held: AbortSignal): TaskCalls {
  const headers = { 'Lease-Id': task.lease_id, Fence: String(task.fence) };
  const ask = async (method: string, path: string, asked: object = {}): Promise<Answer> => {
    const url = `/runner/tasks/${task.id_str}/${path}`;
    const answer = await api.request(method, url, { headers, signal: held, ...asked });
    if (answer.status === 200) return answer;
    if (OVER.has(answer.status)) throw new Halt('lost');
    const code = JSON.stringify(answer.json?.error);
    throw new UnexpectedAnswer(`${method} ${url} was answered ${answer.status}: ${code}`);
  };
  return {
    heartbeat: async (signal) => (await ask('POST', 'heartbeat', { signal, timeoutMs: 10_000 })).json.response,
    resolve: async (json) => void (await ask('POST', 'resolve', { json })),
    async appendLog(offset, bytes) {
      try {
        return (await ask('PUT', `log?offset=${offset}`, { bytes: [bytes] })).json.response;
      } catch (error) {
        // The log of a build that was cancelled takes nothing more; whether the lease is over, the heartbeat says.
        if (error instanceof Halt) return undefined;
        throw error;
      }
    },
    shelf: {
      check: async (hashes) =>
        new Set((await ask('POST', 'pack_check', { json: { pack_hashes: hashes } })).json.response.existing),
      put: async (sha256, bytes) => void (await ask('PUT', `packs/${sha256}`, { bytes, timeoutMs: UPLOAD_MS })),
    },
    sendArtifact: async (json) => void (await ask('POST', 'artifact', { json, timeoutMs: UPLOAD_MS })),
    finish: async (json) => void (await ask('POST', 'finish', { json })),
  };
}
