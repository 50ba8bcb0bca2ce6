import { describe, expect, it } from 'vitest';
import { append, appendLoss, type Log, MAX_LOG } from './log_rules.ts';

const bytes = (text: string) => Buffer.from(text);
const at = (size: number, truncated = false): Log => ({ size, truncated });

describe('bytes for a log', () => {
  it.each([
    ['at its end', 5, 'abc', 'abc', 8],
    ['that are there already', 2, 'abc', '', 5],
    ['that are partly there', 3, 'abcd', 'cd', 7],
    ['that end where it does', 0, 'abcde', '', 5],
  ])('%s', (_what, offset, sent, written, size) => {
    const appended = append(at(5), offset, bytes(sent));
    expect([appended.bytes.toString(), appended.size, appended.truncated]).toEqual([written, size, false]);
  });

  it('are refused behind a gap', () => {
    expect(() => append(at(5), 6, bytes('a'))).toThrow('conflict');
    expect(() => append(at(0), 1, bytes('a'))).toThrow('conflict');
  });

  it('fill it to 10 MiB at most, and the last line says so', () => {
    const size = MAX_LOG - 100;
    const appended = append(at(size), size, Buffer.alloc(1000, 'x'));
    expect([appended.truncated, appended.size]).toEqual([true, MAX_LOG]);
    expect(appended.bytes.toString()).toMatch(/^x+\n\[continuity\] The log is full: .*\n$/);
    expect(appended.bytes.length).toBe(100);
  });

  it('never exceed it, wherever it stands', () => {
    for (let size = MAX_LOG - 200; size < MAX_LOG - 79; size++) {
      let log: Log = at(size);
      for (let more = 0; more < 3; more++) log = append(log, log.size, bytes('0123456789'.repeat(5)));
      expect(log.size).toBeLessThanOrEqual(MAX_LOG);
    }
  });

  it('are dropped once it is full, wherever they belong', () => {
    for (const offset of [0, MAX_LOG, MAX_LOG * 2]) {
      const appended = append(at(MAX_LOG, true), offset, bytes('late'));
      expect([appended.bytes.length, appended.size, appended.truncated]).toEqual([0, MAX_LOG, true]);
    }
  });
});

it('a log tells that its runner was lost, unless nothing was printed', () => {
  expect(appendLoss(at(3)).bytes.toString()).toContain('The runner was lost');
  expect(appendLoss(at(0)).bytes.length).toBe(0);
});
