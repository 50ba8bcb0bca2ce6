import { Argument, Command, InvalidArgumentError } from 'commander';
import type { Billing } from '../../organisations/standing.ts';

interface Json {
  json?: boolean;
}

/** `suspend`, `unsuspend` and `billing`; they work whether or not the server runs, and count from its next request on. */
export function standingCommands(): Command[] {
  return [
    suspension('suspend', true).description('shut an organisation out: its users, its API keys and its download links'),
    suspension('unsuspend', false).description('let a suspended organisation in again'),
    billing(),
  ];
}

function suspension(name: string, suspended: boolean): Command {
  return new Command(name)
    .argument('<org>', 'the organisation')
    .option('--json', 'print JSON')
    .action(async (orgId: string, { json }: Json) => {
      const [{ withRuntime }, { setSuspended }] = await actions();
      await withRuntime(({ deps }) => setSuspended(deps.db, deps, orgId, suspended));
      print({ orgId, suspended }, `${orgId} is ${suspended ? 'suspended' : 'let in again'}.`, json);
    });
}

function billing(): Command {
  return new Command('billing')
    .description('say whether an organisation pays; one that does not can read, but create nothing (402)')
    .argument('<org>', 'the organisation')
    .addArgument(new Argument('<state>', 'its state').choices(['active', 'overdue', 'trialing']))
    .option('--until <date>', 'last day of the trial (UTC), such as 2027-01-31, or its exact end', parseUntil)
    .option('--json', 'print JSON')
    .action(
      async (orgId: string, state: Billing['billing'], { until, json }: Json & { until?: Date }, self: Command) => {
        if ((state === 'trialing') !== (until !== undefined))
          self.error('error: --until belongs to the state trialing, which needs it');
        const change = until ? ({ billing: 'trialing', until } as const) : ({ billing: state } as Billing);
        const [{ withRuntime }, { setBilling }] = await actions();
        await withRuntime(({ deps }) => setBilling(deps.db, deps, orgId, change));
        const end = until && { until: until.toISOString() };
        print({ orgId, billing: state, ...end }, `${orgId} is ${state}${end ? ` until ${end.until}` : ''}.`, json);
      },
    );
}

/** A day counts to its end. */
export function parseUntil(text: string): Date {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const date = new Date(isDay ? `${text}T00:00:00Z` : text);
  const exact = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (Number.isNaN(date.getTime()) || !(isDay || exact) || (isDay && date.toISOString().slice(0, 10) !== text))
    throw new InvalidArgumentError('It must be a day (2027-01-31) or a time (2027-01-31T18:00:00Z).');
  return isDay ? new Date(date.getTime() + 24 * 60 * 60 * 1000) : date;
}

function actions() {
  return Promise.all([import('../with_storage.ts'), import('../../organisations/standing.ts')]);
}

function print(result: object, sentence: string, json: boolean | undefined): void {
  console.log(json ? JSON.stringify(result) : sentence);
}
