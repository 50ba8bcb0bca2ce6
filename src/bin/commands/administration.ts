import { Command, Option } from 'commander';
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

/** `org create` and `user create`; they work whether or not the server runs. */
export function administrationCommands(): Command[] {
  const org = new Command('org').description('organisations');
  org
    .command('create')
    .description('create an organisation and its owner; prints the API key, once')
    .requiredOption('--id <slug>', 'lower-case letters, digits and hyphens')
    .requiredOption('--owner-email <address>', 'e-mail address of its owner')
    .option('--name <name>', 'its name for people (default: the id)')
    .option('--owner-password <password>', 'password for the dashboard')
    .option('--json', 'print JSON')
    .action(async ({ id, name, ownerEmail, ownerPassword, json }: OrgCreate) => {
      const [{ withRuntime }, { createOrganisation }] = await actions();
      const owner = { email: ownerEmail, password: ownerPassword };
      print(await withRuntime(({ deps }) => createOrganisation(deps.db, deps, id, name ?? id, owner)), json);
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
    .option('--password <password>', 'password for the dashboard')
    .option('--json', 'print JSON')
    .action(async ({ org: orgId, email, role, password, json }: UserCreate) => {
      const [{ withRuntime }, { createUser }] = await actions();
      print(await withRuntime(({ deps }) => createUser(deps.db, deps, orgId, { email, role, password })), json);
    });
  return [org, user];
}

function actions() {
  return Promise.all([import('../with_storage.ts'), import('../../organisations/actions.ts')]);
}

function print(account: NewAccount, json: boolean | undefined): void {
  if (json) console.log(JSON.stringify(account));
  else console.log(`${account.email} is ${account.role} of ${account.orgId}.\nAPI key (shown once): ${account.apiKey}`);
}
