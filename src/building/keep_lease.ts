import { Halt } from './problems.ts';

export interface KeeperOptions {
  /** Says that the runner is alive; answers whether the work is not wanted any more. Rejects with a Halt when it is over. */
  heartbeat(signal: AbortSignal): Promise<{ readonly cancelled: boolean }>;
  /** Aborts when the runner stops. */
  readonly stopping: AbortSignal;
  readonly now?: () => number;
}

export interface Keeper {
  /** Aborts when the lease is over, or the runner stops: nobody listens any more. */
  readonly held: AbortSignal;
  /** Aborts then, and when the build request was cancelled. */
  readonly wanted: AbortSignal;
  /** Asks at once. */
  check(): void;
  end(): void;
}

export const HEARTBEAT_MS = 15_000;
/** A lease holds for 60 seconds; before that is over the work must have stopped, or it would run twice at once. */
export const LEASE_MS = 55_000;

/** Keeps a lease that begins now, by heartbeats, until it is over or `end` is called. */
export function keepLease({ heartbeat, stopping, now = () => performance.now() }: KeeperOptions): Keeper {
  const held = new AbortController();
  const wanted = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let beating = false;

  function halt(why: Halt['why']): void {
    const reason = new Halt(why);
    if (why !== 'cancelled') held.abort(reason);
    wanted.abort(reason);
  }
  const stop = () => halt('stopping');

  function extend(from: number): void {
    clearTimeout(deadline);
    deadline = setTimeout(() => halt('lost'), Math.max(0, from + LEASE_MS - now()));
  }

  async function beat(): Promise<void> {
    if (beating || held.signal.aborted) return;
    beating = true;
    clearTimeout(timer);
    const sent = now();
    try {
      const { cancelled } = await heartbeat(held.signal);
      extend(sent);
      if (cancelled) halt('cancelled');
    } catch (error) {
      // Whatever else it is, without heartbeats the lease runs out by itself.
      if (error instanceof Halt) halt(error.why);
    }
    beating = false;
    if (!held.signal.aborted) timer = setTimeout(() => void beat(), HEARTBEAT_MS);
  }

  if (stopping.aborted) stop();
  else stopping.addEventListener('abort', stop);
  extend(now());
  timer = setTimeout(() => void beat(), HEARTBEAT_MS);
  return {
    held: held.signal,
    wanted: wanted.signal,
    check: () => void beat(),
    end() {
      clearTimeout(timer);
      clearTimeout(deadline);
      stopping.removeEventListener('abort', stop);
      // Ends a heartbeat that is under way.
      held.abort(new Halt('lost'));
    },
  };
}
