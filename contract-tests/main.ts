import { checkElsewhere } from './elsewhere/check.ts';

/**
 * `npm run contract` proves every answer of the document on servers of its own; with arguments it holds a running
 * server to it, from outside.
 */
const args = process.argv.slice(2);
if (args.length === 0) await import('./built_in.ts');
else process.exitCode = await checkElsewhere(args);
