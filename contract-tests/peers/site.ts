import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { freePort } from '../flows/ports.ts';
import type { Environment } from '../flows/run.ts';
import type { Scene } from '../flows/scene.ts';
import { type Server, startServer } from '../flows/server.ts';
import { openChromium } from '../browser/chromium.ts';
import { createAuthority } from './authority.ts';
import { call } from './call.ts';
import { createMarco, type User } from './user.ts';

/** A running server with that user, and a browser that can talk to it. */
export interface Site {
  /** Without a slash at its end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly caFile: string | undefined;
  /** What tells Ruby, Python, Node and curl which authority to trust; nothing over plain HTTP. */
  readonly trust: Environment;
  readonly marco: User;
  readonly browser: Browser;
}

const LONGEST_START = 120_000;

/** The built server over plain HTTP. */
export async function openPlain(scene: Scene): Promise<Site> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  return open(scene, { url, host: '127.0.0.1', port, secure: false, caFile: undefined, trust: {} }, {});
}

/** The built server in production, behind its own certificate and reached by name. */
export async function openSecure(scene: Scene): Promise<Site> {
  const { caFile, certFile, keyFile, home } = await createAuthority(scene);
  const port = await freePort();
  const url = `https://localhost:${port}`;
  const trust = {
    SSL_CERT_FILE: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    NODE_EXTRA_CA_CERTS: caFile,
    CURL_CA_BUNDLE: caFile,
  };
  const env = { NODE_ENV: 'production', PUBLIC_URL: url, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };
  return open(scene, { url, host: 'localhost', port, secure: true, caFile, trust }, env, home);
}

async function open(
  scene: Scene,
  place: Omit<Site, 'marco' | 'browser'>,
  env: Environment,
  home?: string,
): Promise<Site> {
  const server = await startServer(scene, { port: place.port, env: { ...env, LOG_LEVEL: 'warn' }, rash: true });
  await untilReady(place, server);
  const marco = await createMarco(server.env);
  const browser = await openChromium(home === undefined ? {} : { HOME: home });
  scene.onEnd(() => browser.close());
  return { ...place, marco, browser };
}

async function untilReady(place: Omit<Site, 'marco' | 'browser'>, server: Server): Promise<void> {
  const ended = server.exited.then(() => 'ended');
  for (const deadline = Date.now() + LONGEST_START; Date.now() < deadline;) {
    const answer = await call(place, 'GET', '/readyz').catch(() => undefined);
    if (answer?.status === 200) return;
    if ((await Promise.race([ended, pause(50)])) === 'ended') break;
  }
  throw new Error(`the server did not start: ${server.output().slice(-2000)}`);
}
