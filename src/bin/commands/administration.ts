import { Command, Option } from 'commander';
import type { Deps } from '../../deps.ts';
import type { Role } from '../../http/operation.ts';
import type { NewAccount } from '../../organisations/actions.ts';

interface OrgCreate {
  id: string;
  name?: string;
  ownerEmail: string;
  ownerPassword?: string;
  json?: boolean;
}

interface UserCreate {
  org: string;
  email: string;
  role: Role;
  password?: string;
  json?: boolean;
}

interface UserLink {
  email: string;
  json?: boolean;
}

/** `org create`, `user create` and `user link`; they work whether or not the server runs. */
export function administrationCommands(): Command[] {
  const org = new Command('org').description('organisations');
  org
    .command('create')
    .description('create an organisation and its owner; prints the API key, once')
    .requiredOption('--id <slug>', 'lower-case letters, digits and hyphens')
    .requiredOption('--owner-email <address>', 'e-mail address of its owner')
    .option('--name <name>', 'its name for people (default: the id)')
    .option('--owner-password <password>', PASSWORD)
    .option('--json', 'print JSON')
    .action(async ({ id, name, ownerEmail, ownerPassword, json }: OrgCreate) => {
      const { createOrganisation } = await import('../../organisations/actions.ts');
      const owner = { email: ownerEmail, password: ownerPassword };
      await createAccount(ownerPassword, json, (db, deps) => createOrganisation(db, deps, id, name ?? id, owner));
    });
  const user = new Command('user').description('users');
  user
    .command('create')
    .description('add a user to an organisation; prints the API key, once')
    .requiredOption('--org <slug>', 'the organisation')
    .requiredOption('--email <address>', 'e-mail address, unique in this installation')
    .addOption(
      new Option('--role <role>', 'what the user may do').choices(['owner', 'admin', 'member']).makeOptionMandatory(),
    )
    .option('--password <password>', PASSWORD)
    .option('--json', 'print JSON')
    .action(async ({ org: orgId, email, role, password, json }: UserCreate) => {
      const { createUser } = await import('../../organisations/actions.ts');
      await createAccount(password, json, (db, deps) => createUser(db, deps, orgId, { email, role, password }));
    });
  user
    .command('link')
    .description('print a link with which a user chooses a new password; it works once, for an hour')
    .requiredOption('--email <address>', 'whose')
    .option('--json', 'print JSON')
    .action(({ email, json }: UserLink) => printLink(email, json));
  return [org, user];
}

const PASSWORD = 'for the dashboard; others on this machine can see it (ps), so better leave it out and use the link';

/** An account without a password comes with a link to choose one: both are there, or neither. */
async function createAccount(
  password: string | undefined,
  json: boolean | undefined,
  create: (db: Deps['db'], deps: Deps) => Promise<NewAccount>,
): Promise<void> {
  const [{ withRuntime }, { inTransaction }, { createPasswordLink }] = await Promise.all([
    import('../with_storage.ts'),
    import('../../db/transaction.ts'),
    import('../../users/password_link.ts'),
  ]);
  const account = await withRuntime(({ deps }) =>
    inTransaction(deps.db, async (tx) => {
      const created = await create(tx, deps);
      if (password !== undefined) return created;
      return { ...created, passwordLink: (await createPasswordLink(tx, deps, created.email)).url };
    }),
  );
  print(account, json);
}

function print(account: NewAccount & { passwordLink?: string }, json: boolean | undefined): void {
  if (json) return console.log(JSON.stringify(account));
  console.log(`${account.email} is ${account.role} of ${account.orgId}.\nAPI key (shown once): ${account.apiKey}`);
  if (account.passwordLink) console.log(`To choose a password, once, within an hour: ${account.passwordLink}`);
}

async function printLink(address: string, json: boolean | undefined): Promise<void> {
  const [{ withRuntime }, { createPasswordLink }] = await Promise.all([
    import('../with_storage.ts'),
    import('../../users/password_link.ts'),
  ]);
  const { email, url } = await withRuntime(({ deps }) => createPasswordLink(deps.db, deps, address));
  console.log(json ? JSON.stringify({ email, url }) : `${email} chooses a password, once, within an hour: ${url}`);
}
