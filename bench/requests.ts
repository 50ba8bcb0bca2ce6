import type { Job, Seen } from './load.ts';
import { execute } from './program.ts';

/** Requests per second that a server answers; rejects when any answer was not 200. */
export async function requestsPerSecond(job: Omit<Job, 'seconds' | 'connections'>): Promise<number> {
  const args = JSON.stringify({ connections: 32, seconds: 4, ...job });
  const { stdout } = await execute(process.execPath, ['--import', 'tsx', 'bench/load.ts', args]);
  const seen = JSON.parse(stdout) as Seen;
  if (seen.failed > 0) throw new Error(`${seen.failed} answers of ${job.url} were not 200`);
  return seen.requestsPerSecond;
}
