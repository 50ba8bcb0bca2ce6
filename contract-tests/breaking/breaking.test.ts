import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { problemsOf } from './rules.ts';

const CHANGELOG = '# Changes\n\n## 2.0.0\n\n- `size` is gone.\n\n## 1.0.0\n\nThe first one.\n';
const same = { released: '1.0.0', current: '1.0.0', breaking: [], changelog: CHANGELOG };

describe('a document', () => {
  it('that breaks nothing may keep its version', () => {
    expect(problemsOf(same)).toEqual([]);
  });

  it('that breaks what was released needs another major version, with a section in the changelog', () => {
    const broken = { ...same, breaking: ['the property `size` is gone'] };
    expect(problemsOf(broken)).toEqual(['info.version is 1.0.0, and must be 2.0.0 for what breaks']);
    expect(problemsOf({ ...broken, current: '1.1.0' })).toHaveLength(2);
    expect(problemsOf({ ...broken, current: '2.0.0' })).toEqual([]);
    expect(problemsOf({ ...broken, current: '2.0.0', changelog: '## 2.0.0\n\n## 1.0.0\n- first' })).toHaveLength(1);
    expect(problemsOf({ ...broken, current: '2.0.0', changelog: '## 2.0.0-rc\n- first' })).toHaveLength(1);
  });

  it('is never older than what was released', () => {
    expect(problemsOf({ ...same, released: '2.10.0', current: '2.9.1' })[0]).toContain('lower');
    expect(problemsOf({ ...same, released: '1.9.0', current: '2.0.0' })).toEqual([]);
  });
});

it('the released document is one, with its section in the changelog', () => {
  const read = (name: string) => readFileSync(new URL(`../../openapi/${name}`, import.meta.url), 'utf8');
  const { info } = JSON.parse(read('released.json')) as { info: { version: string } };
  expect(
    problemsOf({ released: '0.0.0', current: info.version, breaking: [], changelog: read('CHANGELOG.md') }),
  ).toEqual([]);
});
