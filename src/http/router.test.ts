import { describe, expect, it } from 'vitest';
import { compileRouter } from './router.ts';

const find = compileRouter([
  { path: '/a', method: 'get' },
  { path: '/a', method: 'post' },
  { path: '/a/{id}', method: 'get' },
  { path: '/a/{id}/b', method: 'put' },
  { path: '/a/new', method: 'get' },
  { path: '/a/{id}/pack-{sha256}', method: 'put' },
  { path: '/{x}/deep/{y}', method: 'get' },
]);

const found = (path: string) => {
  const match = find(path);
  return match && [[...match.route.methods.values()][0]?.path, match.params];
};

describe('the router', () => {
  it.each([
    ['/a', '/a', {}],
    ['/a/new', '/a/new', {}],
    ['/a/newer', '/a/{id}', { id: 'newer' }],
    ['/a/new/b', '/a/{id}/b', { id: 'new' }],
    ['/a/1/pack-ff', '/a/{id}/pack-{sha256}', { id: '1', sha256: 'ff' }],
    ['/a/deep/z', '/{x}/deep/{y}', { x: 'a', y: 'z' }],
    ['/a/%2F', '/a/{id}', { id: '/' }],
    ['/a/%25', '/a/{id}', { id: '%' }],
    ['/a/a+b', '/a/{id}', { id: 'a+b' }],
  ])('%s is %s', (path, template, params) => {
    expect(found(path)).toEqual([template, params]);
  });

  it.each([
    '',
    '/',
    'a',
    '/a/',
    '/a/1/',
    '/a/1/c',
    '/a//b',
    '/a/1/pack-',
    '/a/1/pack',
    '/a/%',
    '/a/%c3',
    '/a/1/b/2',
    '/A',
  ])('%j is nothing', (path) => {
    expect(find(path)).toBeUndefined();
  });

  it('lists the methods, HEAD where there is GET', () => {
    expect(find('/a')?.route.allow).toBe('GET, POST, HEAD, OPTIONS');
    expect(find('/a/1/b')?.route.allow).toBe('PUT, OPTIONS');
  });

  it('takes a thousand segments without trouble', () => {
    expect(find('/a'.repeat(10_000))).toBeUndefined();
  });
});
