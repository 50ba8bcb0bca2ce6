import cluster, { type Worker } from 'node:cluster';
import { createApp } from '../app.ts';
import type { Config } from '../config.ts';
import { settled } from '../downloads/delivery.ts';
import { listen } from './listen.ts';
import type { Runtime } from './runtime.ts';

/** The API, in this process or in several. */
export interface Web {
  /** Where a program on this machine reaches it. */
  readonly localUrl: string;
  stop(): Promise<void>;
}

export async function serveHere(config: Config, { deps }: Runtime): Promise<Web> {
  const app = await createApp(deps);
  const server = await listen(app.callback(), config);
  const localUrl = localUrlOf(config, server.port);
  deps.log.info({ url: config.publicUrl, localUrl }, 'listening');
  const stop = async () => {
    // Those who wait for something to happen are answered before the others are waited for.
    await deps.notices.close();
    await server.stop(config.shutdownTimeout);
    await settled(deps);
  };
  return { localUrl, stop };
}

/** Rejects when a process ends before it ever listened: it has said why; later ones are started again. */
export async function serveCluster(config: Config, { deps }: Runtime): Promise<Web> {
  let stopping = false;
  const start = () => {
    const child = cluster.fork();
    child.once('exit', () => {
      if (stopping) return;
      deps.log.error('an API process ended; starting another');
      setTimeout(() => stopping || start(), 1000);
    });
    return child;
  };
  const stop = async () => {
    stopping = true;
    const children = Object.values(cluster.workers ?? {}).filter((child) => child !== undefined);
    await Promise.all(children.map(end));
  };
  try {
    await Promise.all(Array.from({ length: config.webConcurrency }, () => listening(start())));
  } catch (error) {
    await stop();
    throw error;
  }
  return { localUrl: localUrlOf(config, config.port), stop };
}

function listening(child: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('listening', () => resolve());
    child.once('exit', () => reject(new Error('an API process could not start')));
  });
}

function end(child: Worker): Promise<void> {
  if (child.isDead()) return Promise.resolve();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.process.kill('SIGTERM');
  return ended;
}

function localUrlOf({ host, tls }: Config, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${tls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
