import 'ajv-formats/dist/formats.js';
import 'koa-bodyparser';
import 'lossless-json';
import 'openapi-backend';
import pino from 'pino';
import '../src/operations.ts';
import type { Deps } from '../src/deps.ts';

/**
 * Prints the CPU milliseconds that the document of all operations costs at start: loading it with its table and
 * validators, and binding every operation. The libraries and the handlers were loaded before.
 */
const deps = { log: pino({ level: 'silent' }) } as unknown as Deps;
const before = process.cpuUsage();
const { mountOperations } = await import('../src/http/mount.ts');
const { fusedHandlers, handlers } = await import('../src/operations.ts');
await mountOperations(deps, handlers, fusedHandlers);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
