import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './program.ts';

const VERSION = '7.25.0';
const JAR = `openapi-generator-cli-${VERSION}.jar`;
const JAR_SHA256 = '41ce4f6b07f196676439d710759fa1ced7a08066d06ff1bf314681470289efae';

export const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

/** Makes a client in the folder's `client`. Answers all that the generator said. */
export async function generateClient(config: string, bundlePath: string, folder: string) {
  await fetchGenerator(folder);
  const generate = ['generate', '-c', config, '-i', bundlePath, '-o', 'client'];
  return run('java', ['-jar', JAR, ...generate], { cwd: folder });
}

/** Maven keeps the jar in its own cache; which one it is, its hash says. */
async function fetchGenerator(folder: string): Promise<void> {
  const artifact = `-Dartifact=org.openapitools:openapi-generator-cli:${VERSION}:jar`;
  await run('mvn', ['-B', '-q', `${DEPENDENCY_PLUGIN}:copy`, artifact, `-DoutputDirectory=${folder}`], { cwd: folder });
  const hash = createHash('sha256').update(await readFile(join(folder, JAR)));
  if (hash.digest('hex') !== JAR_SHA256) throw new Error(`${JAR} is not the one that was pinned`);
}

/** @param folder in which a client was made */
export async function generatorVersion(folder: string): Promise<string> {
  return (await run('java', ['-jar', JAR, 'version'], { cwd: folder })).out.trim();
}
