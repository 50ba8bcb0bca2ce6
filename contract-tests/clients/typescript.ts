import { cp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './program.ts';

const TREE = fileURLToPath(new URL('../..', import.meta.url));

/** A package of its own with the program in it; the packages it needs are those that this tree locks. */
export async function openPackage(folder: string, program: URL): Promise<void> {
  await cp(program, join(folder, 'src'), { recursive: true });
  await symlink(join(TREE, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'program', type: 'module', private: true }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, include: ['src'] }));
}

/** `strict` and what generated code is usually held to besides. */
const OPTIONS = {
  ...{ strict: true, noUncheckedIndexedAccess: true, noImplicitOverride: true, skipLibCheck: false },
  ...{
    target: 'es2022',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    types: ['node'],
    rootDir: 'src',
    outDir: 'built',
  },
};

export async function runTool(folder: string, name: string, args: readonly string[]): Promise<string> {
  const { out, err } = await run(process.execPath, [join(folder, 'node_modules', '.bin', name), ...args], {
    cwd: folder,
  });
  return `${out}${err}`.replace(COLOURS, '');
}

const COLOURS = /\x1b\[[0-9;]*m/g;

/** Compiles `src` into `built`. tsc has no warnings: whatever it prints is an error. */
export async function compile(folder: string): Promise<void> {
  await runTool(folder, 'tsc', ['-p', '.']);
}

/** The version in the package's own package.json, as npm installed it. */
export async function packageVersion(folder: string, name: string): Promise<string> {
  const { out } = await run(process.execPath, ['-p', `require('./node_modules/${name}/package.json').version`], {
    cwd: folder,
  });
  return out.trim();
}
