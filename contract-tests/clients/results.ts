import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Row {
  readonly language: string;
  readonly generator: string;
  readonly version: string;
  readonly operations: number;
  /** Warnings without a reason; those with one are `explained`. */
  readonly warnings: number;
  readonly explained: readonly string[];
  readonly scenario: 'passed' | 'failed';
}

/** What the last whole run found; committed, so that nobody runs it again while nothing has changed. */
export interface Results {
  /** SHA-256 of generated/openapi.json. */
  readonly bundle: string;
  /** SHA-256 of the programs, of what starts them, and of what they need from this tree's package-lock.json. */
  readonly programs: string;
  readonly rows: readonly Row[];
}

const BUNDLE = fileURLToPath(new URL('../../generated/openapi.json', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));
const RESULTS = join(HERE, 'results.json');
const LOCK = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
/** The others pin what they need in their own folders. */
const GENERATORS = ['@hey-api/openapi-ts', 'openapi-fetch', 'openapi-typescript', 'typescript'];
const README = fileURLToPath(new URL('../../README.md', import.meta.url));

export async function fingerprints(): Promise<Omit<Results, 'rows'>> {
  const programs = createHash('sha256');
  for (const path of await programFiles()) programs.update(`${path.slice(HERE.length)}\n`).update(await readFile(path));
  const { packages } = JSON.parse(await readFile(LOCK, 'utf8')) as { packages: Record<string, unknown> };
  for (const name of GENERATORS) programs.update(JSON.stringify(packages[`node_modules/${name}`]));
  const bundle = createHash('sha256').update(await readFile(BUNDLE));
  return { bundle: bundle.digest('hex'), programs: programs.digest('hex') };
}

async function programFiles(): Promise<string[]> {
  const entries = await readdir(HERE, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== 'results.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

export async function readResults(): Promise<Results> {
  return JSON.parse(await readFile(RESULTS, 'utf8')) as Results;
}

export async function writeResults(results: Results): Promise<void> {
  await writeFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
  const text = await readFile(README, 'utf8');
  await writeFile(
    README,
    text.replace(MARKED, () => marked(table(results.rows))),
  );
}

export async function readmeTable(): Promise<string | undefined> {
  return MARKED.exec(await readFile(README, 'utf8'))?.[1];
}

const [BEGIN, END] = ['<!-- clients: made by npm run test:clients -->', '<!-- /clients -->'];
const MARKED = new RegExp(`${BEGIN}\n([^]*?)${END}`);
const marked = (text: string) => `${BEGIN}\n${text}${END}`;

const HEAD = `| language | generator | version | operations | warnings | scenario |
|---|---|---|---|---|---|
`;

/** Markdown: the table, and below it why the document cannot avoid a warning. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ language, generator, version, operations, warnings, explained, scenario }) => {
    const why = explained.length === 0 ? '' : ` (${explained.length} explained)`;
    return `| ${language} | ${generator} | ${version} | ${operations} | ${warnings}${why} | ${scenario} |\n`;
  });
  const reasons = rows.flatMap(({ generator, explained }) => explained.map((why) => `- ${generator}: ${why}.\n`));
  const below = reasons.length === 0 ? '' : `\nWarnings that are explained:\n\n${reasons.join('')}`;
  return `${HEAD}${lines.join('')}${below}`;
}
