import { describe, expect, it } from 'vitest';
import { Failure } from '../errors/fail.ts';
import { hasEnded, isRef, mayCancel, onLoss, outcomeOf, requireEnded, verdictOf } from './rules.ts';

describe('the end of a build', () => {
  it.each([
    ['exit code 0', { exit_code: 0 }, false, 'build_succeed', null, 0],
    ['exit code 0 without its artifact', { exit_code: 0 }, true, 'build_failed', 'artifact', 0],
    ['exit code 1', { exit_code: 1 }, false, 'build_failed', 'exit_code', 1],
    ['exit code 1 without its artifact', { exit_code: 1 }, true, 'build_failed', 'exit_code', 1],
    ['its time limit', { failure: 'timeout' } as const, false, 'build_failed', 'timeout', null],
    ['a repository', { failure: 'repository', message: 'no' } as const, true, 'build_failed', 'repository', null],
  ])('after %s', (_what, report, missing, state, failure, exit_code) => {
    expect(verdictOf(report, missing)).toMatchObject({ state, failure, exit_code });
  });

  it.each([
    ['nothing', {}, { exit_code: ['is_blank'] }],
    ['two things', { exit_code: 0, failure: 'signal' } as const, { failure: ['invalid_format'] }],
  ])('is not told by %s', (_what, report, fields) => {
    expect(fieldsOf(() => verdictOf(report, false))).toEqual(fields);
  });
});

function fieldsOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error.fields;
  }
  return undefined;
}

describe('what the builds of a request come to', () => {
  it.each([
    [['enqueued_for_build', 'build_failed'], true, 'going_on'],
    [['build_succeed', 'building'], false, 'going_on'],
    [['build_succeed', 'build_failed'], true, 'failed'],
    [['build_failed'], false, 'failed'],
    [['build_succeed', 'build_succeed'], true, 'publish'],
    [['build_succeed'], false, 'succeed'],
  ])('%j, publishing: %s → %s', (states, publishes, outcome) => {
    expect(outcomeOf(states, publishes)).toBe(outcome);
  });

  it('only succeeded and failed builds have ended', () => {
    const states = ['enqueued_for_build', 'building', 'build_succeed', 'build_failed'];
    expect(states.map(hasEnded)).toEqual([false, false, true, true]);
  });
});

it('a task is given to another runner three times', () => {
  expect([0, 1, 2, 3, 4].map(onLoss)).toEqual(['requeue', 'requeue', 'requeue', 'give_up', 'give_up']);
});

it('a request is cancelled while it goes on, again without effect, and never after another end', () => {
  expect(mayCancel({ state: 'processing', result: null })).toBe(true);
  expect(mayCancel({ state: 'processed', result: 'cancelled' })).toBe(false);
  for (const ended of [
    { state: 'processed', result: 'succeed' },
    { state: 'processed', result: 'failed' },
    { state: 'failed_no_suites', result: null },
  ])
    expect(fieldsOf(() => mayCancel(ended))).toEqual({ build_request_id: ['conflict'] });
});

it('only what has ended is repeated', () => {
  expect(fieldsOf(() => requireEnded({ state: 'processing' }))).toEqual({ build_request_id: ['conflict'] });
  for (const state of ['processed', 'failed_no_suites'])
    expect(fieldsOf(() => requireEnded({ state }))).toBeUndefined();
});

describe('a ref', () => {
  it.each([
    'main',
    'v1.0',
    'refs/pull/7/head',
    'feature/a-b_c',
    'a@b',
    'ünïcode',
    '5d41402abc4b2a76b9719d911017c592a1b2c3d4',
  ])('may be %s', (ref) => expect(isRef(ref)).toBe(true));

  it.each([
    ...[
      '',
      '-',
      '--upload-pack=touch /tmp/x',
      '-main',
      '/main',
      'main/',
      'main.',
      'a..b',
      'a//b',
      '.a',
      'a/.b',
      'a.lock',
    ],
    ...['a.lock/b', 'a b', 'a\nb', 'a\0b', 'a~1', 'a^', 'a:b', 'a?', 'a*', 'a[', 'a\\b', '@{u}', '@', 'x'.repeat(256)],
  ])('may not be %j', (ref) => expect(isRef(ref)).toBe(false));
});
