import 'openapi-backend';
import '../src/operations.ts';
import type { Deps } from '../src/deps.ts';

/**
 * Prints the CPU milliseconds that the document of all operations costs at start: loading it with its table and
 * validators, and binding every operation. The libraries and the handlers were loaded before.
 */
const before = process.cpuUsage();
const { mountOperations } = await import('../src/http/mount.ts');
const { fusedHandlers, handlers } = await import('../src/operations.ts');
await mountOperations({} as Deps, handlers, fusedHandlers);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
