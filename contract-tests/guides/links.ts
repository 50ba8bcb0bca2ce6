import { readFile } from 'node:fs/promises';
import type { Tally } from '../flows/tally.ts';
import type { Guide } from './folder.ts';

/** Every link of the guide leads somewhere, as far as that can be known without the network. */
export async function checkLinks(tally: Tally, { text }: Guide, guides: Guide[]): Promise<void> {
  const prose = text.replace(/^ *(`{3,}).*\n[\s\S]*?^ *\1$/gm, '').replace(/`[^`\n]*`/g, '');
  const known = new Set([
    ...guides.map(({ name }) => `guide:${name}`),
    ...(await operationIds()).map((id) => `operation:${id}`),
    ...headings(text).map((heading) => `#${heading}`),
  ]);
  const targets = [...prose.matchAll(/\]\(([^)\s]*)\)/g)].map(([, target = '']) => target);
  const dead = targets.filter((target) => !/^(https?:\/\/|mailto:)./.test(target) && !known.has(target));
  tally.check(`${targets.length} links`, dead.length === 0, dead);
  const bare = prose.match(/(?<!\])\((guide|operation):[^)]*\)/g) ?? [];
  tally.check('each has its words: [Errors](guide:errors)', bare.length === 0, bare);
  tally.check('begins with its title', /^# \S/.test(text));
}

/** `every-setting` of `## Every setting`, as GitHub makes them. */
function headings(text: string): string[] {
  const titles = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase());
  return titles.map((title) => title.replace(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-'));
}

async function operationIds(): Promise<string[]> {
  const bundle = new URL('../../generated/openapi.json', import.meta.url);
  const { paths } = JSON.parse(await readFile(bundle, 'utf8')) as { paths: Record<string, Record<string, unknown>> };
  const all = Object.values(paths).flatMap((path) => Object.values(path));
  return all.flatMap((operation) => (hasId(operation) ? [operation.operationId] : []));
}

function hasId(value: unknown): value is { operationId: string } {
  return typeof value === 'object' && value !== null && 'operationId' in value;
}
