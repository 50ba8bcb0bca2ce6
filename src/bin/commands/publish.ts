import { Presets, SingleBar } from 'cli-progress';
import { Command } from 'commander';
import type { Progress } from '../../publish/publish.ts';
import { PublishError } from '../../publish/publish_error.ts';
import { summary } from '../../publish/summary.ts';

interface Options {
  product: string;
  version: string;
  activate?: boolean;
  url?: string;
  json?: boolean;
}

/** `publish FOLDER`: reads CONTINUITY_URL and CONTINUITY_API_KEY, needs no access to the server's storage. */
export function publishCommand(): Command {
  return new Command('publish')
    .description('publish a folder as a version of a product; uploads only what the server does not have')
    .argument('<folder>', 'what the customers get')
    .requiredOption('--product <slug>', 'the product; created where it does not exist')
    .requiredOption('--version <number>', 'the version, such as 1.0.0')
    .option('--activate', 'serve this version from now on, and publish the product')
    .option('--url <url>', 'the server (default: CONTINUITY_URL, else http://127.0.0.1:8080)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nThe API key is read from CONTINUITY_API_KEY.')
    .action(async (folder: string, { product, version, activate = false, url, json }: Options) => {
      const apiKey = process.env.CONTINUITY_API_KEY;
      if (!apiKey) throw new PublishError('set CONTINUITY_API_KEY to your API key');
      const server = url ?? process.env.CONTINUITY_URL ?? 'http://127.0.0.1:8080';
      const { publish } = await import('../../publish/publish.ts');
      const bar = json || !process.stderr.isTTY ? undefined : progressBar();
      try {
        const onProgress = bar?.show ?? (() => undefined);
        const done = await publish({ folder, product, version, activate, url: server, apiKey, onProgress });
        console.log(json ? JSON.stringify(done) : summary(done).join('\n'));
      } finally {
        bar?.stop();
      }
    });
}

function progressBar(): { show(progress: Progress): void; stop(): void } {
  const bar = new SingleBar(
    {
      format: '{phase} [{bar}] {percentage}% | {speed} | {file}',
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  let phase = '';
  let started = 0;
  return {
    show({ phase: next, done, total, file = '' }) {
      if (next !== phase) {
        bar.start(total, done, { phase: next.padEnd(6), file, speed: '' });
        phase = next;
        started = performance.now();
      }
      const seconds = (performance.now() - started) / 1000;
      const bytes = next === 'hash' || next === 'upload';
      const speed = bytes && seconds > 0 ? `${(done / seconds / 1e6).toFixed(0)} MB/s` : '';
      bar.setTotal(total);
      bar.update(done, { file: file.slice(-40), speed });
    },
    stop: () => bar.stop(),
  };
}
