import { mkdir } from 'node:fs/promises';
import { startApps } from './apps.ts';
import { runDredd } from './dredd.ts';
import { proveGlobals } from './globals.ts';
import { strayRecipes } from './recipes/index.ts';
import { createRun } from './run.ts';
import { entries, errorCodes, globalCodes, operationIds, waiverOf } from './transactions.ts';
import { readUncovered } from './uncovered.ts';
import { createWorld } from './world.ts';

const waived = await readUncovered();
await mkdir(new URL('reports/', import.meta.url), { recursive: true });
const apps = await startApps();
try {
  const run = createRun(apps, await createWorld(apps.working), waived);
  const stats = await runDredd(apps.working.url, run);
  const globals = await proveGlobals(apps.working.client, apps.production.client);
  const { proved, problems, transactions } = run.proof;

  problems.push(...strayRecipes(entries.map(({ key }) => key)).map((name) => `the recipe ${name} belongs to nothing`));
  if (transactions !== entries.length)
    problems.push(`the hooks saw ${transactions} transactions; the document makes ${entries.length}`);
  for (const entry of entries)
    if (waived.has(waiverOf(entry)) && proved.has(entry.key))
      problems.push(`uncovered.txt: ${waiverOf(entry)} is covered; take the line out`);

  const wanted = entries.filter((entry) => !waived.has(waiverOf(entry)));
  const passed = wanted.filter(({ key }) => proved.has(key));
  const failed = entries.length - proved.size;
  if (stats.passes !== proved.size || stats.failures + stats.errors !== failed || stats.skipped !== 0)
    problems.push(`Dredd counts ${JSON.stringify(stats)}; proved ${proved.size}, not ${failed}`);
  const seen = new Set(passed.map(waiverOf));
  const codes = errorCodes.filter((name) => !waived.has(name));
  const covered = operationIds.filter((id) =>
    wanted.every((entry) => entry.operation.id !== id || proved.has(entry.key)),
  );

  for (const problem of problems) console.error(problem);
  const pairs = [
    [wanted.length, 'transactions', passed.length, 'passed'],
    [operationIds.length, 'operations', covered.length, 'covered'],
    [codes.length, 'error codes', codes.filter((name) => seen.has(name)).length, 'seen'],
    [globalCodes.length, 'global errors', globals.size, 'seen'],
  ] as const;
  const equal = pairs.every(([total, , reached]) => total === reached);
  process.exitCode = equal && problems.length === 0 ? 0 : 1;
  await apps.stop();
  console.log(
    `contract: ${pairs.flatMap(([total, what, reached, how]) => [`${total} ${what}`, `${reached} ${how}`]).join(', ')}`,
  );
} catch (error) {
  await apps.stop();
  throw error;
}
