import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkManifest } from './check.ts';
import type { Manifest } from './manifest.ts';
import { collisions, compareBytes, pathProblem } from './paths.ts';
import { createManifestPool } from './pool.ts';
import { parsePublishBody } from './publish_body.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const EMPTY = sha('');

function sample(): Manifest {
  return {
    v: 3,
    packs: [{ sha256: sha('pack'), size: 100_000 }],
    files: [
      { path: 'b', size: 30_000, sha256: sha('b'), segments: [{ pack: 0, offset: 70_000, length: 30_000 }] },
      { path: 'a', size: 70_000, sha256: sha('a'), segments: [{ pack: 0, offset: 0, length: 70_000 }] },
      { path: 'e', size: 0, sha256: EMPTY, segments: [] },
    ],
  };
}

function errorsOf(change: (manifest: Manifest) => void, maxVersionSize = 1e9): unknown {
  const manifest = sample();
  change(manifest);
  const checked = checkManifest(Buffer.from(JSON.stringify(manifest)), { maxVersionSize, maxFiles: 10 });
  return checked.ok ? 'ok' : { ...checked.errors };
}

test('a correct manifest is sorted and hashed', () => {
  const checked = checkManifest(Buffer.from(JSON.stringify(sample())));
  expect(checked).toMatchObject({ ok: true, size: 100_000 });
  const canonical = `[${[['a', 70_000, sha('a')] as const, ['b', 30_000, sha('b')] as const, ['e', 0, EMPTY] as const]
    .map(([path, size, hash]) => `{"path":"${path}","sha256":"${hash}","size":${size}}`)
    .join()}]`;
  expect(checked.ok && checked.productHash).toBe(sha(canonical));
});

const file = (index: number, manifest: Manifest) => manifest.files[index] as Manifest['files'][number];
const invalid = (field: string) => ({ [`manifest.${field}`]: ['invalid_format'] });

test.each<[string, (manifest: Manifest) => void, unknown]>([
  ['nothing', () => undefined, 'ok'],
  ['a shared slice', (m) => m.files.push({ ...file(0, m), path: 'c' }), 'ok'],
  ['outside the pack', (m) => Object.assign(file(0, m).segments[0] ?? {}, { offset: 70_001 }), 2],
  [
    'an unknown pack',
    (m) => Object.assign(file(0, m).segments[0] ?? {}, { pack: 1 }),
    invalid('files.0.segments.0.pack'),
  ],
  ['a wrong sum', (m) => Object.assign(file(0, m), { size: 1 }), invalid('files.0.segments')],
  ['an unused pack', (m) => m.packs.push({ sha256: sha('x'), size: 1 }), invalid('packs.1')],
  ['a pack twice', (m) => m.packs.push({ sha256: sha('pack'), size: 1 }), invalid('packs.1.sha256')],
  ['a wrong empty hash', (m) => Object.assign(file(2, m), { sha256: sha('x') }), invalid('files.2.sha256')],
  ['a path that climbs', (m) => Object.assign(file(0, m), { path: '../x' }), invalid('files.0.path')],
  ['a name twice', (m) => Object.assign(file(0, m), { path: 'A' }), invalid('files.1.path')],
  ['a file that is a folder', (m) => Object.assign(file(0, m), { path: 'A/x' }), invalid('files.1.path')],
  ['no files', (m) => m.files.splice(0), { 'manifest.files': ['is_blank'] }],
  ['a field more', (m) => Object.assign(m, { x: 1 }), { 'manifest.x': ['unknown_field'] }],
  ['too many files', (m) => m.files.push(...Array(8).fill(file(0, m))), invalid('files')],
])('%s', (_, change, expected) => {
  const errors = errorsOf(change);
  if (typeof expected === 'number') expect(Object.keys(errors as object)).toHaveLength(expected);
  else expect(errors).toEqual(expected);
});

test('slices that overlap in part, short middles and too large versions are refused', () => {
  const overlap = { path: 'c', size: 50, sha256: sha('c'), segments: [{ pack: 0, offset: 69_990, length: 50 }] };
  expect(Object.keys(errorsOf((m) => m.files.push(overlap)) as object)).not.toHaveLength(0);
  const halves = [
    { pack: 0, offset: 0, length: 35_000 },
    { pack: 0, offset: 35_000, length: 35_000 },
  ];
  expect(errorsOf((m) => Object.assign(file(1, m), { segments: halves }))).toHaveProperty([
    'manifest.files.1.segments.0.length',
  ]);
  expect(errorsOf(() => undefined, 99_999)).toEqual(invalid('files'));
});

test.each(['../x', 'a/../b', './a', 'a//b', '/a', 'a/', 'C:\\x', 'C:', 'a\\b', 'CON', 'x/nul.txt', 'com¹', 'LPT9.a.b'])(
  'refuses %s',
  (path) => expect(pathProblem(path)).toBeTypeOf('string'),
);

test.each(['CONIN$', 'aux .x', 'a.', 'a ', 'a\u0007', 'a\u202eb', '\ud800', 'e\u0301', 'a?b', 'x'.repeat(256), ''])(
  'refuses %j',
  (path) => expect(pathProblem(path)).toBeTypeOf('string'),
);

test.each(['a', 'ünï/日本/🎹.wav', 'console', 'com10', '.hidden', ' a', 'x'.repeat(255), 'a'.repeat(200).concat('/b')])(
  'accepts %s',
  (path) => expect(pathProblem(path)).toBeUndefined(),
);

test('case is folded, one character for one', () => {
  expect(collisions(['Straße', 'strasse', 'ÉTÉ', 'été'])).toEqual([{ index: 3, with: 2, kind: 'same' }]);
  expect(collisions(['a', 'a-b', 'a/b', 'A/c'])).toHaveLength(2);
});

test('paths sort by their UTF-8 bytes', () => {
  expect(['\uffee', '🎹', 'a'].sort(compareBytes)).toEqual(['a', '\uffee', '🎹']);
});

test('the pool answers alike inline and in its thread, and survives what is not JSON', async () => {
  const body = { vendorId: 'o', productId: 'p', version: '1', productHash: sha('x'), manifest: sample() };
  const wrong = parsePublishBody(Buffer.from(JSON.stringify(body)));
  expect(wrong).toMatchObject({ ok: false, errors: { productHash: ['invalid_format'] } });
  const checked = checkManifest(Buffer.from(JSON.stringify(sample())));
  const right = JSON.stringify({ ...body, productHash: checked.ok && checked.productHash });
  const inline = parsePublishBody(Buffer.from(right));
  expect(inline).toMatchObject({ ok: true, fileCount: 3 });
  const pool = createManifestPool();
  try {
    expect(await pool.parse(Buffer.from(right + ' '.repeat(70_000)))).toEqual(inline);
    const deep = await pool.parse(Buffer.from('['.repeat(100_000)));
    expect(deep).toEqual({ ok: false, errors: { generic: ['invalid_json'] } });
  } finally {
    await pool.close();
  }
});
