import { parseArgs } from 'node:util';
import { type Mutant, mutants } from './mutants.ts';
import { type Net, runNet } from './nets.ts';
import { copyTree, type Tree } from './tree.ts';

/*
 * Puts one small fault after the other into a copy of the tree and runs the net that should notice. First each net runs
 * without any fault: a net that fails anyway would "notice" everything. `--only TEXT` takes the mutants whose name has it,
 * `--part 2/5` the second, the seventh and so on.
 */

const LANES = 2;

interface Result {
  readonly mutant: Mutant;
  readonly killed: boolean;
}

async function lane<T>(queue: T[], work: (item: T, tree: Tree) => Promise<void>): Promise<void> {
  const tree = await copyTree();
  try {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item, tree);
  } finally {
    await tree.remove();
  }
}

async function inLanes<T>(items: readonly T[], work: (item: T, tree: Tree) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(Array.from({ length: LANES }, () => lane(queue, work)));
}

async function requireSound(nets: readonly Net[]): Promise<void> {
  const distinct = new Map(nets.map((net) => [JSON.stringify(net), net]));
  await inLanes([...distinct.values()], async (net, tree) => {
    const { passed, output } = await runNet(net, tree.folder);
    if (!passed) throw new Error(`the net ${JSON.stringify(net)} fails without any fault:\n${output}`);
  });
}

async function tryMutant(mutant: Mutant, tree: Tree): Promise<Result> {
  const restore = await tree.apply(mutant);
  try {
    const { passed } = await runNet(mutant.net, tree.folder);
    console.log(`${passed ? 'SURVIVED' : 'killed  '} ${mutant.name}`);
    return { mutant, killed: !passed };
  } finally {
    await restore();
  }
}

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, part: { type: 'string', default: '1/1' } },
});
const [part = 1, parts = 1] = values.part.split('/').map(Number);
const chosen = mutants.filter(({ name }, n) => name.includes(values.only) && n % parts === part - 1);
await requireSound(chosen.map(({ net }) => net));
const results: Result[] = [];
await inLanes(chosen, async (mutant, tree) => void results.push(await tryMutant(mutant, tree)));
const killed = results.filter((result) => result.killed).length;
console.log(`mutants: ${killed}/${results.length} killed (of ${mutants.length})`);
process.exitCode = killed === results.length && results.length > 0 ? 0 : 1;
