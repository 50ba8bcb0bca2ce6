import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDemoFiles } from '../../src/demo/files.ts';
import { continuity, type Environment, PROGRAM } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';
import { killDatabase, type Server } from '../flows/server.ts';

export interface Reader {
  folder: string;
  env: Environment;
  /** What a run prints, as it would look after the first `npm start`. */
  asRead(output: string): string;
}

/** Packages that samples import; the reader would install them. */
const PACKAGES = ['express', 'stripe'];

/** Somebody who has just started the server: an organisation with the demo product, its owner's key, an empty folder. */
export async function createReader(scene: Scene, server: Server, guide: string): Promise<Reader> {
  const folder = await scene.folder();
  scene.onEnd(() => killDatabasesIn(folder));
  await installPackages(folder);
  const org = `${guide.replaceAll('_', '-')}-${randomBytes(3).toString('hex')}`;
  const email = `owner@${org}.example`;
  const password = randomBytes(10).toString('hex');
  const owner = ['--owner-email', email, '--owner-password', password];
  const made = await succeed(['org', 'create', '--id', org, '--name', 'Audio Company', ...owner, '--json'], server.env);
  const { apiKey } = JSON.parse(made) as { apiKey: string };
  await publishDemo(scene, server.url, apiKey);
  return {
    folder,
    env: {
      CONTINUITY_URL: server.url,
      CONTINUITY_API_KEY: apiKey,
      EMAIL: email,
      PASSWORD: password,
      ORG: org,
      LANG: 'C.UTF-8',
      // So that npx runs what is installed and never fetches a package that happens to have the name.
      npm_config_offline: 'true',
      DATA_DIR: server.dataDir,
      PORT: server.env.PORT,
      ADMIN_PORT: server.env.ADMIN_PORT,
    },
    asRead: (output) =>
      output
        .replaceAll('\r', '')
        .replaceAll(org, 'audio-company')
        .replaceAll(`127.0.0.1:${server.port}`, '127.0.0.1:8080')
        .replaceAll(`127.0.0.1%3A${server.port}`, '127.0.0.1%3A8080'),
  };
}

/** The files of the product that the first start publishes. */
async function publishDemo(scene: Scene, url: string, apiKey: string): Promise<void> {
  const files = await scene.folder();
  await writeDemoFiles(files);
  const version = ['--product', 'epic-drums-v1', '--version', '1.0.0', '--activate'];
  await succeed(['publish', files, ...version], { CONTINUITY_URL: url, CONTINUITY_API_KEY: apiKey });
}

async function installPackages(folder: string): Promise<void> {
  const bin = join(folder, 'node_modules', '.bin');
  await mkdir(bin, { recursive: true });
  await mkdir(join(folder, '.blocks'));
  for (const name of PACKAGES) await symlink(resolve('node_modules', name), join(folder, 'node_modules', name));
  await writeProgram(join(bin, 'continuity'), `'${process.execPath}' '${PROGRAM}'`);
  for (const name of ['grant', 'visit']) {
    const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
    await writeProgram(join(bin, name), `'${resolve('node_modules/.bin/tsx')}' '${script}'`);
  }
}

async function writeProgram(path: string, command: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\nexec ${command} "$@"\n`);
  await chmod(path, 0o755);
}

/** A server that a guide started by itself has its PostgreSQL outside of the shell's process group. */
async function killDatabasesIn(folder: string): Promise<void> {
  const inside = await readdir(folder, { withFileTypes: true });
  const folders = inside.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  for (const each of [folder, ...folders]) await killDatabase(each);
}

async function succeed(args: string[], env: Environment): Promise<string> {
  const { code, out, err } = await continuity(args, env);
  if (code !== 0) throw new Error(`continuity ${args[0]}: ${err}`);
  return out;
}
