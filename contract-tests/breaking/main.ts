import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { problemsOf } from './rules.ts';

/*
 * Compares the bundle with the document that was released last, by oasdiff (a Go program, installed on first use), and fails
 * where it breaks what clients rely on without a new major version and a section of openapi/CHANGELOG.md. `--release` makes
 * the bundle the released one, once nothing is wrong with it.
 */

const OASDIFF = 'github.com/oasdiff/oasdiff@v1.30.0';
const RELEASED = 'openapi/released.json';
const BUNDLE = 'generated/openapi.json';
/** oasdiff's level of what certainly breaks a client. */
const ERROR = 3;

const execute = promisify(execFile);

interface Change {
  readonly level: number;
  readonly operation?: string;
  readonly path?: string;
  readonly text: string;
}

async function install(): Promise<string> {
  const folder = join(homedir(), '.cache', 'continuity', OASDIFF.replace(/\W/g, '_'));
  const program = join(folder, 'oasdiff');
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  await execute('go', ['install', OASDIFF], { env: { ...process.env, GOBIN: folder } });
  return program;
}

async function breakingChanges(): Promise<string[]> {
  const args = ['breaking', '--format', 'json', RELEASED, BUNDLE];
  const { stdout } = await execute(await install(), args, { maxBuffer: 64 * 1024 * 1024 });
  const changes = (stdout.trim() === '' ? [] : JSON.parse(stdout)) as Change[];
  const shown = ({ operation = '', path = '', text }: Change) => `${operation} ${path}: ${text}`.trim();
  return changes.filter(({ level }) => level === ERROR).map(shown);
}

const versionOf = async (path: string) =>
  (JSON.parse(await readFile(path, 'utf8')) as { info: { version: string } }).info.version;

const [released, current] = await Promise.all([RELEASED, BUNDLE].map(versionOf));
if (released === undefined || current === undefined) throw new Error('a document has no version');
const breaking = await breakingChanges();
const changelog = await readFile('openapi/CHANGELOG.md', 'utf8');
for (const change of breaking) console.log(`breaks: ${change}`);
const problems = problemsOf({ released, current, breaking, changelog });
for (const problem of problems) console.log(problem);
console.log(`breaking: ${breaking.length} changes since ${released}, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
else if (process.argv.includes('--release')) await copyFile(BUNDLE, RELEASED);
