import { spawn } from 'node:child_process';

/** A test run that should notice a fault: some vitest files, or the whole contract. */
export type Net = { readonly vitest: readonly string[] } | 'contract' | 'typecheck';

const LONGEST_MS = 240_000;

function commandOf(net: Net): string[] {
  if (net === 'contract') return ['node_modules/.bin/tsx', 'contract-tests/main.ts'];
  if (net === 'typecheck') return ['node_modules/.bin/tsc', '-p', '.'];
  return ['node_modules/.bin/vitest', 'run', '--config', '.config/vitest.ts', '--bail', '1', ...net.vitest];
}

/** Runs a net in a tree; answers whether it passed, and the end of what it printed. A net that hangs has noticed. */
export function runNet(net: Net, folder: string): Promise<{ passed: boolean; output: string }> {
  const [program = '', ...args] = commandOf(net);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      detached: true,
      env: { ...process.env, CI: '1', NO_COLOR: '1' },
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.pid && process.kill(-child.pid, 'SIGKILL'), LONGEST_MS);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ passed: code === 0, output });
    });
  });
}
