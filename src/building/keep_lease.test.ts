import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HEARTBEAT_MS, type Keeper, keepLease, LEASE_MS } from './keep_lease.ts';
import { Halt } from './problems.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const stopping = new AbortController().signal;
const why = (signal: AbortSignal) => (signal.reason as Halt | undefined)?.why;
const state = ({ held, wanted }: Keeper) => [why(held), why(wanted)];
/** As the server that is away: never an answer, until the call is given up. */
const silence = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

describe('a lease', () => {
  it('is kept for as long as heartbeats are answered', async () => {
    const heartbeat = vi.fn(async () => ({ cancelled: false }));
    const keeper = keepLease({ heartbeat, stopping });
    await vi.advanceTimersByTimeAsync(20 * HEARTBEAT_MS);
    expect(heartbeat).toHaveBeenCalledTimes(20);
    expect(state(keeper)).toEqual([undefined, undefined]);
    keeper.end();
    await vi.advanceTimersByTimeAsync(20 * HEARTBEAT_MS);
    expect(heartbeat).toHaveBeenCalledTimes(20);
    expect(why(keeper.wanted)).toBeUndefined();
  });

  it('is lost before it has run out at the server', async () => {
    const keeper = keepLease({ heartbeat: silence, stopping });
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1);
    expect(state(keeper)).toEqual([undefined, undefined]);
    await vi.advanceTimersByTimeAsync(1);
    expect(state(keeper)).toEqual(['lost', 'lost']);
  });

  it('counts from when the heartbeat was sent, not from its answer', async () => {
    const heartbeat = vi.fn(async (signal: AbortSignal) => {
      if (heartbeat.mock.calls.length > 1) return await silence(signal);
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      return { cancelled: false };
    });
    const keeper = keepLease({ heartbeat, stopping });
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS + LEASE_MS - 1);
    expect(keeper.held.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(keeper.held.aborted).toBe(true);
  });

  it('is lost at once where the server says so', async () => {
    const heartbeat = () => Promise.reject(new Halt('lost'));
    const keeper = keepLease({ heartbeat, stopping });
    keeper.check();
    await vi.advanceTimersByTimeAsync(0);
    expect(state(keeper)).toEqual(['lost', 'lost']);
  });

  it('goes on after a cancellation, so that the end can be told', async () => {
    const heartbeat = vi.fn(async () => ({ cancelled: true }));
    const keeper = keepLease({ heartbeat, stopping });
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(state(keeper)).toEqual([undefined, 'cancelled']);
    await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    expect(heartbeat).toHaveBeenCalledTimes(2);
  });

  it('ends with the runner', () => {
    const stop = new AbortController();
    const keeper = keepLease({ heartbeat: silence, stopping: stop.signal });
    stop.abort();
    expect(state(keeper)).toEqual(['stopping', 'stopping']);
  });
});
