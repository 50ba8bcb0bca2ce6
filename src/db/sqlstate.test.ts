import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { codeOf } from './sqlstate.ts';

const sql = (code: string) => Object.assign(new Error('x'), { code });

test.each([
  ['23505', 'already_exists'],
  ['40001', 'conflict'],
  ['40P01', 'conflict'],
  ['08006', 'unavailable'],
  ['53100', 'unavailable'],
  ['53300', 'unavailable'],
  ['57P01', 'unavailable'],
  ['57P03', 'unavailable'],
  ['57014', 'unavailable'],
  ['23503', undefined],
  ['42P01', undefined],
])('%s is %s', (code, expected) => {
  expect(codeOf(sql(code))).toBe(expected);
});

test('a foreign key that leads to users says that the user is gone', () => {
  const violation = (constraint: string) => Object.assign(sql('23503'), { constraint });
  expect(codeOf(violation('download_tokens_created_by_fkey'))).toBe('unauthorized');
  expect(codeOf(violation('idempotency_keys_user_id_fkey'))).toBe('unauthorized');
  expect(codeOf(violation('versions_product_id_fkey'))).toBeUndefined();
});

test('a socket that is not there is unavailable, a missing file is not', async () => {
  const error = await new Promise((resolve) => connect('/nonexistent/.s.PGSQL.5432').on('error', resolve));
  expect(codeOf(error)).toBe('unavailable');
  expect(codeOf(Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'open' }))).toBeUndefined();
});

test('what pg says without a code is recognised', () => {
  expect(codeOf(new Error('Connection terminated unexpectedly'))).toBe('unavailable');
  expect(codeOf(new Error('timeout exceeded when trying to connect'))).toBe('unavailable');
  expect(
    codeOf(
      new AggregateError([
        Object.assign(new Error('x'), {
          code: 'ECONNREFUSED',
          syscall: 'connect',
        }),
      ]),
    ),
  ).toBe('unavailable');
  expect(codeOf(new TypeError('x'))).toBeUndefined();
  expect(codeOf('x')).toBeUndefined();
});
