import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matches, pushIn } from './rules.ts';

const SHA = '5d41402abc4b2a76b9719d911017c592a1b2c3d4';
const push = { ref: 'refs/heads/release/1.0', after: SHA, deleted: false };

describe('pushIn', () => {
  it.each([
    ['a push', 'push', push, [], { branch: 'release/1.0', commit: SHA }],
    ['a branch that is listed', 'push', push, ['main', 'release/*'], { branch: 'release/1.0', commit: SHA }],
    ['a branch that is not', 'push', push, ['main', 'release'], 'filtered'],
    ['a tag', 'push', { ...push, ref: 'refs/tags/v1' }, [], 'no_branch'],
    ['a name that is no ref', 'push', { ...push, ref: 'refs/heads/--upload-pack=x' }, [], 'no_branch'],
    ['a commit that is none', 'push', { ...push, after: 'HEAD' }, [], 'no_branch'],
    ['a branch that is gone', 'push', { ...push, deleted: true, after: '0'.repeat(40) }, [], 'deleted'],
    ['one that only its commit says is gone', 'push', { ...push, after: '0'.repeat(40) }, [], 'deleted'],
    ['a ping', 'ping', { zen: 'Keep it logically awesome.' }, [], 'pong'],
    ['another event', 'issues', push, [], 'other_event'],
    ['no event', undefined, push, [], 'other_event'],
    ['no object', 'push', null, [], 'no_branch'],
    ['a list', 'push', [push], [], 'no_branch'],
  ] as const)('%s', (_what, event, body, branches, expected) => {
    expect(pushIn(event, body, branches)).toEqual(expected);
  });
});

describe('matches', () => {
  it('is what a regular expression would say', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
    fc.assert(
      fc.property(text, name, (pattern, branch) => {
        expect(matches(pattern, branch)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(branch));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not take long over a pattern of stars', () => {
    expect(matches('*a'.repeat(120), 'a'.repeat(119) + 'b'.repeat(136))).toBe(false);
  });
});
