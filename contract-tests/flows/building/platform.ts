import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, call } from '../api.ts';

export interface BuildRequest {
  readonly id_str: string;
  readonly source: string;
  readonly state: string;
  readonly result?: string;
  readonly error?: string;
  readonly message?: string;
  readonly commit_id_str?: string;
  readonly published_version_id_str?: string;
  readonly retry_of_str?: string;
  readonly builds: readonly { readonly id_str: string; readonly name: string; readonly state: string }[];
}

export interface Build {
  readonly id_str: string;
  readonly name: string;
  readonly state: string;
  readonly exit_code?: number;
  readonly failure?: string;
  readonly message?: string;
  readonly log_size: number;
  readonly log_truncated: boolean;
}

export interface Project {
  readonly id_str: string;
  readonly ssh_public_key: string;
  readonly known_hosts: string;
  readonly hook_secret: string;
  readonly hook_url: string;
}

/** The platform's surface as one user calls it. */
export interface Platform {
  ask(method: string, path: string, json?: unknown): Promise<Answer>;
  /** The `response`; throws what the server said where it refused. */
  get<T>(path: string): Promise<T>;
  post<T>(path: string, json?: unknown): Promise<T>;
  put<T>(path: string, json: unknown): Promise<T>;
}

export function createPlatform(url: string, key: string): Platform {
  const ask: Platform['ask'] = (method, path, json) => call(method, url + path, { key, json });
  const response = async <T>(method: string, path: string, json?: unknown): Promise<T> => {
    const { status, text, json: answer } = await ask(method, path, json);
    if (status !== 200 && status !== 201) throw new Error(`${method} ${path} answered ${status} ${text}`);
    return answer.response as T;
  };
  return {
    ask,
    get: (path) => response('GET', path),
    post: (path, json) => response('POST', path, json),
    put: (path, json) => response('PUT', path, json),
  };
}

const LONGEST = 180_000;

/** Waits until a runner has found the commit and the builds are there. */
export function begun(platform: Platform, id: string): Promise<BuildRequest> {
  return until(platform, id, ({ state, builds }) => builds.length > 0 || state !== 'processing');
}

/** Waits until all has ended. */
export function ended(platform: Platform, id: string): Promise<BuildRequest> {
  return until(platform, id, ({ state }) => state !== 'processing');
}

async function until(platform: Platform, id: string, good: (request: BuildRequest) => boolean): Promise<BuildRequest> {
  for (const deadline = Date.now() + LONGEST; ; await pause(100)) {
    const request = await platform.get<BuildRequest>(`/build_requests/${id}`);
    if (good(request)) return request;
    if (Date.now() > deadline) throw new Error(`the build request goes on for ever: ${JSON.stringify(request)}`);
  }
}

/** The build of a suite. */
export function buildOf(platform: Platform, { builds }: BuildRequest, name: string): Promise<Build> {
  const id = builds.find((build) => build.name === name)?.id_str ?? '0';
  return platform.get(`/builds/${id}`);
}

/** Its log so far. */
export async function logOf(platform: Platform, { id_str }: Pick<Build, 'id_str'>): Promise<Buffer> {
  const { status, bytes, text } = await platform.ask('GET', `/builds/${id_str}/firehose?follow=false`);
  if (status !== 200) throw new Error(`the log was answered ${status} ${text}`);
  return bytes;
}

/** Has a ref built, and waits until all has ended. */
export async function build(platform: Platform, { id_str }: Project, wish: object = MAIN): Promise<BuildRequest> {
  return ended(platform, (await platform.post<BuildRequest>(`/projects/${id_str}/build_requests`, wish)).id_str);
}

/** Has it built once more, and waits until all has ended. */
export async function retry(platform: Platform, { id_str }: BuildRequest): Promise<BuildRequest> {
  return ended(platform, (await platform.post<BuildRequest>(`/build_requests/${id_str}/retry`)).id_str);
}

const MAIN = { ref: 'main' };
