import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CHUNK, createLogShipper, type LogState } from './log_shipper.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A log that holds `room` bytes, as the server keeps it. */
function keeper(room = Infinity) {
  const kept: Buffer[] = [];
  const calls: [number, number][] = [];
  let size = 0;
  const send = async (offset: number, bytes: Buffer): Promise<LogState | undefined> => {
    expect(offset).toBe(size);
    calls.push([offset, bytes.length]);
    kept.push(Buffer.from(bytes));
    size += bytes.length;
    return { size, truncated: size > room };
  };
  return { send, calls, text: () => Buffer.concat(kept).toString() };
}

it('sends what came within 200 ms together', async () => {
  const { send, calls, text } = keeper();
  const shipper = createLogShipper({ offset: 0, send });
  shipper.write(Buffer.from('one\n'));
  await vi.advanceTimersByTimeAsync(199);
  expect(calls).toEqual([]);
  shipper.write(Buffer.from('two\n'));
  await vi.advanceTimersByTimeAsync(1);
  expect(calls).toEqual([[0, 8]]);
  shipper.write(Buffer.from('three\n'));
  await vi.advanceTimersByTimeAsync(200);
  await shipper.end();
  expect(text()).toBe('one\ntwo\nthree\n');
});

it('sends 64 KiB at most, in order, without waiting', async () => {
  const { send, calls } = keeper();
  const shipper = createLogShipper({ offset: 0, send });
  shipper.write(Buffer.alloc(2 * CHUNK + 1, 'x'));
  await vi.advanceTimersByTimeAsync(0);
  expect(calls).toEqual([
    [0, CHUNK],
    [CHUNK, CHUNK],
  ]);
  await shipper.end();
  expect(calls[2]).toEqual([2 * CHUNK, 1]);
});

it('goes on where an earlier runner stopped', async () => {
  const calls: number[] = [];
  const send = async (offset: number, bytes: Buffer) => {
    calls.push(offset);
    return { size: offset + bytes.length, truncated: false };
  };
  const shipper = createLogShipper({ offset: 1000, send });
  shipper.write(Buffer.from('again'));
  await shipper.end();
  expect(calls).toEqual([1000]);
});

it('stops when the log is full, and when the server takes no more', async () => {
  const full = keeper(CHUNK);
  const shipper = createLogShipper({ offset: 0, send: full.send });
  shipper.write(Buffer.alloc(5 * CHUNK));
  await shipper.end();
  expect(full.calls.length).toBe(2);
  shipper.write(Buffer.from('more'));
  await shipper.end();
  expect(full.calls.length).toBe(2);

  const refused = vi.fn(async () => undefined);
  const other = createLogShipper({ offset: 0, send: refused });
  other.write(Buffer.alloc(5 * CHUNK));
  await other.end();
  expect(refused).toHaveBeenCalledTimes(1);
});

it('holds no more than a log can keep while the server is away', async () => {
  let answer: (state: LogState | undefined) => void = () => undefined;
  let sent = 0;
  const send = (offset: number, bytes: Buffer) =>
    new Promise<LogState | undefined>((resolve) => {
      answer = resolve;
      sent = offset + bytes.length;
    });
  const shipper = createLogShipper({ offset: 0, send });
  for (let n = 0; n < 20; n++) shipper.write(Buffer.alloc(1024 * 1024));
  const ended = shipper.end();
  for (let n = 0; n < 200; n++) {
    answer({ size: sent, truncated: false });
    await vi.advanceTimersByTimeAsync(0);
  }
  await ended;
  expect(sent).toBeLessThanOrEqual(10 * 1024 * 1024 + 1 + CHUNK);
});
