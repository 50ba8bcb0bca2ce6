import type { Manifest } from './manifest.ts';
import { Problem, problemOfStatus } from './problem.ts';

const token = new URLSearchParams(location.search).get('token') ?? '';

/** Relative, so that it also holds behind a proxy that adds a path prefix. */
export function address(path: string): string {
  return `download/${path}?token=${encodeURIComponent(token)}`;
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(address(path), { ...init, cache: 'no-store' }).catch(() => {
    throw new Problem('The server cannot be reached. Check your connection, then try again.');
  });
  if (!response.ok) throw problemOfStatus(response.status);
  return response;
}

export async function fetchManifest(): Promise<Manifest> {
  return (await ask('manifest')).json();
}

/** Takes one of the link's downloads, or goes on with the session that this browser has open. Answers its id. */
export async function openSession(): Promise<string> {
  const { id } = (await (await ask('sessions', { method: 'POST' })).json()) as { id: string };
  return id;
}

/**
 * Tells the publisher how it ended. The server knows by itself what was delivered, and refuses `completed` where
 * files were kept from an earlier download; so whatever it answers changes nothing here.
 */
export async function endSession(id: string, status: 'completed' | 'failed'): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  await ask(`sessions/${id}`, { method: 'PATCH', headers, body: JSON.stringify({ status }) }).catch(() => undefined);
}
