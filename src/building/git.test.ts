import { describe, expect, it } from 'vitest';
import { fetchOne, gitEnvironment, protocolOf, requireAllowed, requireRef } from './git.ts';
import { cut, explainGit, parseCommit, plain } from './git_words.ts';

const ALLOWED = ['ssh', 'https', 'git'];

describe('a URL', () => {
  it.each([
    ['ssh://git@example.com/a.git', 'ssh'],
    ['git@example.com:a.git', 'ssh'],
    ['example.com:a.git', 'ssh'],
    ['https://example.com/a.git', 'https'],
    ['HTTPS://example.com/a.git', 'https'],
    ['git://example.com/a.git', 'git'],
    ['file:///etc', 'file'],
    ['/etc/a.git', 'file'],
    ['./a:b', 'file'],
    ['ext::sh -c id', 'ext'],
    ['ext::ssh://example.com/a', 'ext'],
    ['fd::17', 'fd'],
    ['http://example.com/a.git', 'http'],
  ])('%s is fetched over %s', (url, protocol) => {
    expect(protocolOf(url)).toBe(protocol);
  });

  it.each([
    'file:///etc',
    '/etc',
    'ext::sh -c id',
    'http://example.com/a',
    '--upload-pack=id',
    '-oProxyCommand=id:a',
    'git@a:b\nc',
  ])('is refused: %s', (url) => {
    expect(() => requireAllowed(url, ALLOWED)).toThrow(expect.objectContaining({ code: 'repository_refused' }));
  });

  it('is taken when it was allowed', () => {
    requireAllowed('git@example.com:a.git', ALLOWED);
    requireAllowed('file:///srv/a.git', [...ALLOWED, 'file']);
  });
});

describe('a ref', () => {
  it.each(['--upload-pack=id', '-x', 'a:b', 'a b', 'a^{commit}', 'main~1', '', 'a..b', '*'])('is not %j', (ref) => {
    expect(() => requireRef(ref)).toThrow(expect.objectContaining({ code: 'ref_not_found' }));
  });

  it('never stands alone in a command line', () => {
    for (const ref of ['main', 'refs/tags/v1', 'tag', '+x']) {
      requireRef(ref);
      expect(fetchOne(ref).slice(-2)).toEqual(['origin', `+${ref}:refs/continuity/wanted`]);
    }
  });
});

it('git asks nobody, and goes by no configuration but ours', () => {
  const environment = gitEnvironment({ home: '/f/home', gitConfig: '/f/gitconfig' }, ALLOWED);
  expect(environment).toMatchObject({
    GIT_ALLOW_PROTOCOL: 'ssh:https:git',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/f/gitconfig',
    HOME: '/f/home',
  });
  expect(Object.keys(environment)).not.toContain('CONTINUITY_RUNNER_TOKEN');
});

it('a commit is read with its facts', () => {
  const printed = [
    'a'.repeat(40),
    'Ada',
    'a@x',
    '2026-04-01T10:00:00+02:00',
    'B\u001bob',
    'b@x',
    '',
    'One\n\n\u0007Two\n\n',
  ];
  expect(parseCommit(printed.join('\0'))).toEqual({
    ref: 'a'.repeat(40),
    message: 'One\n\nTwo',
    author_name: 'Ada',
    author_email: 'a@x',
    authored_date: '2026-04-01T10:00:00+02:00',
    committer_name: 'Bob',
    committer_email: 'b@x',
    committed_date: '1970-01-01T00:00:00+00:00',
  });
  expect(cut(`${'x'.repeat(9)}😀`, 10)).toBe('x'.repeat(9));
});

it.each([
  ["fatal: couldn't find remote ref nope", 'ref_not_found'],
  ['git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'repository_refused'],
  ['Host key verification failed.\r\nfatal: Could not read from remote repository.', 'repository_refused'],
  ['fatal: remote error: access denied or repository not exported: /x', 'repository_refused'],
  ["remote: Repository not found.\nfatal: repository 'https://x/' not found", 'repository_refused'],
  ["fatal: unable to access 'https://x/': Could not resolve host: x", 'repository_unreachable'],
  [
    'fatal: unable to connect to 127.0.0.1:\n127.0.0.1[0: 127.0.0.1]: errno=Connection refused',
    'repository_unreachable',
  ],
  ['', 'repository_unreachable'],
])('%j means %s', (stderr, code) => {
  expect(explainGit(stderr)).toMatchObject({ code, message: expect.stringMatching(/./) });
});

it('an odd host cannot make words that the server refuses', () => {
  const { message } = explainGit(`\0kex: \u001b[31mno\u0085\r\nfatal: gone${'!'.repeat(3_000)}\0`);
  expect(message).toMatch(/^kex: \[31mno fatal: gone!+$/);
  expect(message.length).toBeLessThanOrEqual(1_000);
  expect(plain('a\n\tb\r\u0007c')).toBe('a\n\tbc');
});
