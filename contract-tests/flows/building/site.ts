import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GitServer, startGitServer } from '../../../src/testing/git.ts';
import { type Gate, openGate } from '../../../src/testing/runner_program.ts';
import { type Account, createOrganisation } from '../account.ts';
import { createPlatform, type Platform, type Project } from './platform.ts';
import { run } from '../run.ts';
import type { Scene } from '../scene.ts';
import { type Server, startServer } from '../server.ts';

/** A server, and what is built with it. */
export interface Site {
  readonly server: Server;
  readonly git: GitServer;
  /** Where commands of builds wait. */
  readonly gate: Gate;
}

export async function openSite(scene: Scene): Promise<Site> {
  const git = await startGitServer();
  scene.onEnd(git.stop);
  const gate = await openGate();
  scene.onEnd(async () => gate.stop());
  const server = await startServer(scene);
  // Where builds run as users of their own, those may not list it; PostgreSQL's user passes through.
  await chmod(server.dataDir, 0o711);
  return { server, git, gate };
}

/** An organisation of a site. */
export interface Workshop extends Site {
  readonly account: Account;
  readonly platform: Platform;
}

export async function openWorkshop(site: Site, id: string): Promise<Workshop> {
  const account = await createOrganisation(site.server, id);
  return { ...site, account, platform: createPlatform(site.server.url, account.apiKey) };
}

export async function createProject({ platform }: Workshop, repository_url: string): Promise<Project> {
  return platform.post<Project>('/projects', { name: 'Kit', repository_url });
}

export interface Suite {
  readonly name: string;
  readonly command: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeout_seconds?: number;
  readonly artifact_path?: string;
}

export async function createSuite({ platform }: Workshop, { id_str }: Project, suite: Suite): Promise<string> {
  return (await platform.post<{ id_str: string }>(`/projects/${id_str}/suites`, suite)).id_str;
}

/** Answers its token. */
export async function registerRunner({ platform }: Workshop, name: string): Promise<string> {
  return (await platform.post<{ token: string }>('/runners', { name })).token;
}

export interface Push {
  readonly id: string;
  readonly sha: string;
}

/** A push to `main` as GitHub tells of it, signed by openssl. */
export async function tellOfPush(scene: Scene, { hook_url, hook_secret }: Project, { id, sha }: Push): Promise<string> {
  const body = join(await scene.folder(), 'push.json');
  await writeFile(body, JSON.stringify({ ref: 'refs/heads/main', after: sha, deleted: false }));
  const { out } = await run('openssl', ['dgst', '-sha256', '-r', '-hmac', hook_secret, body]);
  const headers = [
    `X-Hub-Signature-256: sha256=${out.split(' ')[0]}`,
    'X-GitHub-Event: push',
    `X-GitHub-Delivery: ${id}`,
  ];
  const args = ['Content-Type: application/json', ...headers].flatMap((header) => ['-H', header]);
  return (await run('curl', ['-sS', ...args, '--data-binary', `@${body}`, hook_url])).out;
}
