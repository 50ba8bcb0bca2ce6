import { describe, expect, it } from 'vitest';
import { isBranch, isRepositoryUrl, requireValid } from './rules.ts';

describe('isRepositoryUrl', () => {
  it.each([
    'git@github.com:sinatra/sinatra.git',
    'git@git.example.com:~user/repository.git',
    'ssh://git@example.com/team/repository.git',
    'ssh://git@example.com:2222/~/repository',
    'ssh://example.com/srv/repository.git',
    'ssh://git@[::1]:2222/repository.git',
    'https://example.com/team/repository.git',
    'https://example.com:8443/a@b',
    'https://example.com/my%20repository',
    'git://127.0.0.1:9418/repository.git',
    'git://localhost/привет.git',
  ])('takes %s', (url) => expect(isRepositoryUrl(url)).toBe(true));

  it.each([
    ['another transport', 'ext::sh -c touch% /tmp/x'],
    ['a helper behind a user', 'git@host::ext'],
    ['a file', 'file:///etc'],
    ['a path', '/etc/passwd'],
    ['a path that starts here', '../repository'],
    ['plain HTTP', 'http://example.com/repository.git'],
    ['a host alone', 'example.com:repository.git'],
    ['an option', '--upload-pack=touch'],
    ['an option of ssh for a host', 'ssh://-oProxyCommand=touch/x'],
    ['an option of ssh for a user', 'ssh://-oProxyCommand=touch@host/x'],
    ['one in the short form', '-oProxyCommand=touch@host:x'],
    ['one as a host of the short form', 'git@-oProxyCommand=touch:x'],
    ['one as a path', 'git@host:-x'],
    ['a password', 'ssh://git:secret@example.com/x'],
    ['a token', 'https://token@example.com/x'],
    ['a token with a name', 'https://oauth2:token@example.com/x'],
    ['a token in the query', 'https://example.com/x?token=1'],
    ['a fragment', 'https://example.com/x#main'],
    ['a space', 'git@host:a b'],
    ['a line break', 'https://example.com/x\nhost=evil'],
    ['a hidden line break', 'https://example.com/x%0ahost=evil'],
    ['a hidden NUL', 'https://example.com/x%00'],
    ['half an escape', 'https://example.com/%4'],
    ['text that runs backwards', 'https://example.com/\u202etig.x'],
    ['a backslash', 'https://example.com\\@evil/x'],
    ['no path', 'https://example.com'],
    ['no path but a slash', 'https://example.com/'],
    ['no host', 'https:///x'],
    ['port 0', 'ssh://host:0/x'],
    ['nothing', ''],
  ])('refuses %s', (_what, url) => expect(isRepositoryUrl(url)).toBe(false));
});

describe('isBranch', () => {
  it.each(['main', 'release/1.0', 'feature/ünïcode', 'a-b_c', '@', '*', 'release/*', '*-fix'])('takes %s', (name) =>
    expect(isBranch(name)).toBe(true),
  );

  it.each(['-x', '/main', '.main', 'a..b', 'a b', 'a~1', 'a^', 'a:b', 'a?', 'a[b', 'a\\b', 'a@{1}', 'a/', 'a.'])(
    'refuses %s',
    (name) => expect(isBranch(name)).toBe(false),
  );
});

it('names every field that fails, and a branch that is there twice', () => {
  const project = { name: ' ', repository_url: 'x', branches: ['main', '-x', 'main'] };
  expect(() => requireValid(project)).toThrow(
    expect.objectContaining({
      fields: {
        name: ['is_blank'],
        repository_url: ['invalid_format'],
        'branches.1': ['invalid_format'],
        'branches.2': ['invalid_format'],
      },
    }),
  );
  expect(() => requireValid({})).not.toThrow();
});
