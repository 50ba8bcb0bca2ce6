import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The settings in the order of `src/config.ts`. */
async function settingsOf(): Promise<string[]> {
  const [, spec = ''] = /^const SPEC = \{\n([\s\S]*?)^\};/m.exec(await read('src/config.ts')) ?? [];
  return [...spec.matchAll(/^ {2}([A-Z0-9_]+):/gm)].map(([, name = '']) => name);
}

/** Names, and what they are when they are unset, of the guide's first table of variables. */
async function tableOf(): Promise<Map<string, string>> {
  const guide = await read('openapi/guides/12_self_hosting.md');
  const [, table = ''] = /^\| variable \| unset, it is .*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(guide) ?? [];
  const cells = [...table.matchAll(/^\| `([A-Z0-9_]+)` \| ([^|]*) \|/gm)];
  return new Map(cells.map(([, name = '', unset = '']) => [name, unset.trim()]));
}

describe('the guide to self-hosting', () => {
  it('explains every setting, and no other', async () => {
    const settings = await settingsOf();
    expect(settings).toContain('PUBLIC_URL');
    expect([...(await tableOf()).keys()].sort()).toEqual(settings.sort());
  });

  it('tells the defaults that .env.example has', async () => {
    const table = await tableOf();
    const example = [...(await read('.env.example')).matchAll(/^([A-Z0-9_]+)=(.*)$/gm)];
    expect(example.map(([, name]) => name).sort()).toEqual((await settingsOf()).sort());
    for (const [, name = '', value] of example)
      if (value) expect([name, table.get(name)]).toEqual([name, `\`${value}\``]);
  });
});
