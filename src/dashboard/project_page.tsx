import type { RequestWithBuilds } from '../build_requests/queries.ts';
import type { CollaboratorRow } from '../collaborators/queries.ts';
import type { Role } from '../http/operation.ts';
import { cursorAfter } from '../http/pagination.ts';
import { Card, Head, Notice, Secret, Table, Time, Words } from '../pages/components.tsx';
import type { ProductRow } from '../products/queries.ts';
import type { ProjectRow } from '../projects/queries.ts';
import type { SuiteRow } from '../suites/queries.ts';
import { buildPath } from './build_paths.ts';
import { Badge, requestWord } from './build_words.tsx';
import { CollaboratorsCard } from './collaborators_card.tsx';
import { BuildForm, type BuildTyped } from './project_build_form.tsx';
import type { Errors } from './typed.ts';

export type { BuildTyped };

interface Parts {
  readonly row: ProjectRow;
  /** In the organisation that owns it; null for a collaborator. */
  readonly role: Role | null;
  readonly csrf: string;
  /** One more than the page shows where there are older ones. */
  readonly requests: readonly RequestWithBuilds[];
  readonly pageLength: number;
  readonly suites: readonly SuiteRow[];
  /** That can be published; empty where the project publishes nothing. */
  readonly products: readonly ProductRow[];
  /** For who may change them. */
  readonly collaborators: readonly CollaboratorRow[] | undefined;
  readonly lacksRunner: boolean;
  readonly hook: string | undefined;
  readonly foreign: boolean;
  readonly build?: { readonly typed: BuildTyped; readonly errors: Errors };
  readonly invited?: { readonly email: string; readonly errors: Errors };
}

/** One project: what was built, what to build, with what, and who else may. */
export function ProjectPage(parts: Parts) {
  const { row, role, csrf, suites, products, collaborators, build, invited } = parts;
  const path = `/dashboard/projects/${row.id}`;
  return (
    <>
      <Head title={<Words>{row.name}</Words>} about={<code>{row.repository_url}</code>}>
        {role !== null && (
          <a class="button quiet" href={`${path}/settings`}>
            Settings
          </a>
        )}
      </Head>
      {row.description !== '' && <p>{row.description}</p>}
      {parts.foreign && <p class="soft">You are a collaborator of this project: you can see it and build it.</p>}
      {build && <Notice kind="bad">Nothing was started yet. Please look at the fields below.</Notice>}
      {invited && <Notice kind="bad">Nobody was invited yet. Please look at the field below.</Notice>}
      <NextSteps {...parts} path={path} />
      <Requests {...parts} path={path} />
      <BuildForm path={path} csrf={csrf} products={products} typed={build?.typed} errors={build?.errors ?? {}} />
      <Suites suites={suites} path={path} owned={role !== null} />
      {parts.hook !== undefined && <Access row={row} hook={parts.hook} path={path} admin={role !== 'member'} />}
      {collaborators && <CollaboratorsCard {...{ collaborators, invited, path, csrf }} />}
    </>
  );
}

function NextSteps({ suites, role, lacksRunner, path }: Parts & { readonly path: string }) {
  if (role === null || (suites.length > 0 && !lacksRunner)) return null;
  return (
    <Card title="Before anything is built">
      <ul>
        {suites.length === 0 && (
          <li>
            Say what to run: <a href={`${path}/suites/new`}>add a suite</a>.
          </li>
        )}
        {lacksRunner && (
          <li>
            Start a runner, the program that does it:{' '}
            {role === 'member' ? 'ask an admin of your organisation.' : <a href="/dashboard/runners">register one</a>}
          </li>
        )}
      </ul>
    </Card>
  );
}

const REQUESTS = [{ label: 'What' }, { label: 'State' }, { label: 'Suites' }, { label: 'Asked for' }];

function Requests({ requests, pageLength, path }: Parts & { readonly path: string }) {
  const shown = requests.slice(0, pageLength);
  const last = requests.length > pageLength ? shown.at(-1) : undefined;
  return (
    <Card title="Build requests">
      {shown.length === 0 && <p class="empty soft">Nothing was built yet.</p>}
      {shown.length > 0 && (
        <Table caption="Build requests, newest first" columns={REQUESTS} rows={shown.map(requestCells)} />
      )}
      {last && (
        <p>
          <a href={`${path}?cursor=${cursorAfter(last.id)}`}>Older build requests</a>
        </p>
      )}
    </Card>
  );
}

const SOURCES: Readonly<Record<string, string>> = { api: 'API', github: 'push', page: 'dashboard' };

function requestCells(request: RequestWithBuilds) {
  const { id, ref, source, builds, publish_product_id, publish_version, created_at } = request;
  const succeeded = builds.filter(({ state }) => state === 'build_succeed').length;
  return [
    <>
      <a href={buildPath('build-requests', id)}>
        <Words>{ref}</Words>
      </a>{' '}
      <span class="soft">by {SOURCES[source] ?? source}</span>
      {publish_product_id !== null && (
        <>
          <br />
          <span class="soft">
            publishes {publish_product_id} {publish_version}
          </span>
        </>
      )}
    </>,
    <Badge {...requestWord(request)} />,
    builds.length === 0 ? <span class="soft">none yet</span> : `${succeeded} of ${builds.length} succeeded`,
    <Time at={created_at} />,
  ];
}

interface SuitesParts {
  readonly suites: readonly SuiteRow[];
  readonly path: string;
  readonly owned: boolean;
}

const SUITES = [{ label: 'Name' }, { label: 'Command' }, { label: 'Secrets' }];

function Suites({ suites, path, owned }: SuitesParts) {
  return (
    <Card title="Suites">
      {suites.length === 0 && <p class="empty soft">No suites yet: there is nothing to run.</p>}
      {suites.length > 0 && (
        <Table
          caption="Suites"
          columns={SUITES}
          rows={suites.map(({ id, name, command, artifact_path, secret_names }) => [
            <>
              {owned ? (
                <a href={`${path}/suites/${id}`}>
                  <Words>{name}</Words>
                </a>
              ) : (
                <Words>{name}</Words>
              )}
              {artifact_path !== null && (
                <>
                  <br />
                  <span class="soft">artifact {artifact_path}</span>
                </>
              )}
            </>,
            <code>{shortened(command)}</code>,
            secret_names.length === 0 ? <span class="soft">none</span> : <code>{secret_names.join(', ')}</code>,
          ])}
        />
      )}
      {owned && (
        <div class="choices">
          <a class="button quiet" href={`${path}/suites/new`}>
            Add a suite
          </a>
        </div>
      )}
    </Card>
  );
}

const LONGEST = 120;

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

interface AccessParts {
  readonly row: ProjectRow;
  readonly hook: string;
  readonly path: string;
  readonly admin: boolean;
}

/** What the repository must know: the key that reads it, and where to report pushes. */
function Access({ row, hook, path, admin }: AccessParts) {
  return (
    <Card title="In the repository">
      <p class="soft">
        Add the key as a deploy key, and the URL as a webhook for pushes with the content type application/json.
        {row.branches.length > 0 && ` Pushes to these branches build: ${row.branches.join(', ')}.`}
      </p>
      <Secret id="public_key" label="Public key" value={row.ssh_public_key} />
      <Secret id="hook_url" label="Webhook URL" value={hook} />
      {admin && (
        <div class="choices">
          <a class="button quiet" href={`${path}/hook-secret`}>
            Make a new hook secret
          </a>
        </div>
      )}
    </Card>
  );
}
