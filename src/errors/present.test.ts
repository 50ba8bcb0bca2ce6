import { describe, expect, it } from 'vitest';
import { BlobMissing, BlobStoreFull, BlobStoreUnavailable } from '../blobs/store.ts';
import { fail, failFields } from './fail.ts';
import { failureOf, presentFailure } from './present.ts';

const database = (code: string, more: object = {}) =>
  Object.assign(new Error('select secret from users'), { code, ...more });

describe('what is thrown', () => {
  it.each([
    ['an unknown error', new Error('x'), 'internal_server_error'],
    ['text', 'x', 'internal_server_error'],
    ['nothing', undefined, 'internal_server_error'],
    ['an error with a status', Object.assign(new Error('x'), { status: 418, expose: true }), 'internal_server_error'],
    ['a constraint that nobody foresaw', database('23514'), 'internal_server_error'],
    [
      'a file that is missing',
      Object.assign(new Error('x'), { code: 'ENOENT', syscall: 'open' }),
      'internal_server_error',
    ],
    ['a full database disk', database('53100'), 'unavailable'],
    ['too many connections', database('53300'), 'unavailable'],
    ['a database that stops', database('57P01'), 'unavailable'],
    ['a database that starts', database('57P03'), 'unavailable'],
    ['a database that is gone', database('3D000'), 'unavailable'],
    ['a refused connection', database('ECONNREFUSED', { syscall: 'connect' }), 'unavailable'],
    ['a lasting deadlock', database('40P01'), 'unavailable'],
    ['a full store', new BlobStoreFull(), 'unavailable'],
    ['a store that cannot be reached', new BlobStoreUnavailable(), 'unavailable'],
    ['a blob that is missing', new BlobMissing('packs/a/b'), 'unavailable'],
    ['a failure of ours', fail('not_found'), 'not_found'],
  ])('%s', (_name, thrown, code) => {
    const failure = failureOf(thrown);
    expect(failure.code).toBe(code);
    expect(JSON.stringify(presentFailure(failure, 'delivery'))).not.toContain('secret');
  });
});

describe('how it goes out', () => {
  it('has the status of its surface', () => {
    const status = (code: Parameters<typeof fail>[0]) =>
      (['delivery', 'platform'] as const).map((surface) => presentFailure(fail(code), surface).status);
    expect(status('is_blank')).toEqual([400, 403]);
    expect(status('invalid_format')).toEqual([400, 403]);
    expect(status('is_reserved')).toEqual([400, 403]);
    expect(status('already_exists')).toEqual([409, 403]);
    expect(status('resource_temporary_unavailable')).toEqual([409, 403]);
    expect(status('not_found')).toEqual([404, 404]);
    expect(status('internal_server_error')).toEqual([500, 500]);
  });

  it('names every field', () => {
    const fields = { a: ['is_blank' as const], b: ['invalid_format' as const] };
    expect(presentFailure(failFields(fields), 'delivery')).toEqual({
      status: 400,
      headers: {},
      body: { error: fields },
    });
  });

  it('says how to authenticate and when to come back', () => {
    expect(presentFailure(fail('unauthorized'), 'delivery').headers).toHaveProperty('WWW-Authenticate');
    expect(presentFailure(fail('account_suspended'), 'platform').headers).toHaveProperty('WWW-Authenticate');
    expect(presentFailure(fail('unavailable'), 'delivery').headers).toEqual({ 'Retry-After': '1' });
    expect(presentFailure(fail('resource_temporary_unavailable'), 'delivery').headers).toEqual({ 'Retry-After': '1' });
  });

  it('lets a header and a status be chosen for one case', () => {
    const failure = fail('resource_temporary_unavailable', { status: 403, headers: { 'Retry-After': '60' } });
    expect(presentFailure(failure, 'delivery')).toMatchObject({ status: 403, headers: { 'Retry-After': '60' } });
  });
});
