import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createScene, type Scene } from '../flows/scene.ts';
import type { Server } from '../flows/server.ts';
import type { Tally } from '../flows/tally.ts';
import { differences } from './answer.ts';
import type { Guide } from './folder.ts';
import { type Block, fileOf } from './parse.ts';
import { createReader, type Reader } from './reader.ts';
import { type Result, type Shell, startShell } from './shell.ts';

interface Language {
  extension: string;
  /** How the file is run in the guide's shell. */
  command: string;
}

const LANGUAGES: Record<string, Language> = {
  bash: { extension: 'sh', command: '.' },
  js: { extension: 'mjs', command: 'node' },
  python: { extension: 'py', command: 'python3' },
  ruby: { extension: 'rb', command: 'ruby' },
  php: { extension: 'php', command: 'php' },
  go: { extension: 'go', command: 'go run' },
};
const PATIENCE = 30_000;

/** Runs the blocks in order, each compared with the answer below it. */
export async function runGuide(tally: Tally, outer: Scene, server: Server, guide: Guide): Promise<void> {
  const scene = createScene();
  outer.onEnd(scene.end);
  const reader = await createReader(scene, server, guide.name);
  const shell = startShell(scene, reader.folder, reader.env);
  for (const [index, block] of guide.blocks.entries()) {
    if (isAnswer(block)) {
      const above = guide.blocks[index - 1];
      if (!above || !isRun(above)) tally.check(`line ${block.line}: answers a block`, false);
      continue;
    }
    const next = guide.blocks[index + 1];
    const answer = next && isAnswer(next) ? next : undefined;
    const problems = await runBlock(shell, reader, guide.blocks.slice(index), answer);
    if (block.words.includes('shown')) tally.note(`line ${block.line}: ${block.language} only shown: ${block.reason}`);
    tally.check(`line ${block.line}: ${block.language}`, problems.length === 0);
    for (const problem of problems) tally.note(problem.replaceAll('\n', '\n       '));
    if (problems.length > 0) break;
  }
  await scene.end();
}

const isAnswer = ({ words }: Block): boolean => words.includes('answer');
const isRun = (block: Block): boolean =>
  block.language in LANGUAGES && !isAnswer(block) && !block.words.includes('shown') && fileOf(block) === undefined;

/** What is wrong with the first of these blocks; the later ones may name the file that it writes. */
async function runBlock(
  shell: Shell,
  reader: Reader,
  [block, ...later]: Block[],
  answer: Block | undefined,
): Promise<string[]> {
  if (!block) return [];
  const file = fileOf(block);
  if (block.words.includes('shown')) return block.reason ? [] : ['no comment says why it is only shown'];
  if (file !== undefined) {
    await mkdir(dirname(join(reader.folder, file)), { recursive: true });
    await writeFile(join(reader.folder, file), block.text);
    return later.some(({ text }) => text.includes(file)) ? [] : [`no later block names ${file}`];
  }
  const language = LANGUAGES[block.language];
  if (!language) return ['it is neither run nor written to a file, nor marked as only shown'];
  const path = join(reader.folder, '.blocks', `${block.line}.${language.extension}`);
  await writeFile(path, block.text);
  const isToFail = block.words.includes('fails');
  const patience = block.words.includes('eventually') ? PATIENCE : 0;
  for (const deadline = Date.now() + patience; ; await pause(200)) {
    const result = await shell.run(`${language.command} '${path}'`, isToFail || patience > 0);
    const problems = judge(result, isToFail, answer, reader);
    if (problems.length === 0 || Date.now() >= deadline) return problems;
  }
}

function judge(
  { code, ended, out, err }: Result,
  isToFail: boolean,
  answer: Block | undefined,
  reader: Reader,
): string[] {
  const said = `it said: ${reader.asRead(err + out).trim()}`;
  if (code === undefined) return ['it did not end in time', said];
  if (isToFail !== (code !== 0) || ended)
    return [`exit status ${code}${ended ? ', and the end of the shell' : ''}`, said];
  if (!answer) return [];
  const wrong = differences(answer, reader.asRead(out));
  return wrong.length === 0 ? [] : [...wrong, said];
}
