import type { RequestWithBuilds } from '../build_requests/queries.ts';
import type { BuildRow } from '../builds/queries.ts';
import type { CommitRow } from '../commits/queries.ts';
import { Card, Form, Head, Submit, Table, Time, Words } from '../pages/components.tsx';
import type { ProjectRow } from '../projects/queries.ts';
import { buildPath } from './build_paths.ts';
import { Badge, buildWord, lasted, reasonOf, requestWord } from './build_words.tsx';

interface Parts {
  readonly request: RequestWithBuilds;
  readonly project: ProjectRow;
  readonly commit: CommitRow | undefined;
  readonly builds: readonly BuildRow[];
  readonly mayRetry: boolean;
  readonly csrf: string;
}

/** What was asked for, and what came of it. */
export function BuildRequestPage({ request, project, commit, builds, mayRetry, csrf }: Parts) {
  const path = buildPath('build-requests', request.id);
  const running = request.state === 'processing';
  return (
    <>
      <Head
        title={
          <>
            Build of <Words>{request.ref}</Words>
          </>
        }
        about={
          <a href={`/dashboard/projects/${project.id}`}>
            <Words>{project.name}</Words>
          </a>
        }
      >
        <div class="choices">
          {running && (
            <a class="button quiet" href={path}>
              Reload
            </a>
          )}
          {running && (
            <Form action={`${path}/cancel`} csrf={csrf}>
              <Submit kind="danger">Cancel the build</Submit>
            </Form>
          )}
          {!running && mayRetry && (
            <Form action={`${path}/retry`} csrf={csrf}>
              <Submit kind="quiet">Build it once more</Submit>
            </Form>
          )}
        </div>
      </Head>
      <Card>
        <Facts request={request} commit={commit} />
      </Card>
      <Builds builds={builds} request={request} />
    </>
  );
}

const SOURCES: Readonly<Record<string, string>> = {
  api: 'Through the API',
  github: 'By a push',
  page: 'In the dashboard',
};

function Facts({ request, commit }: Pick<Parts, 'request' | 'commit'>) {
  const reason = reasonOf(request);
  return (
    <dl>
      <dt>State</dt>
      <dd>
        <Badge {...requestWord(request)} />
      </dd>
      {reason !== undefined && (
        <>
          <dt>Reason</dt>
          <dd class="bad">{reason}</dd>
        </>
      )}
      <Commit commit={commit} pushed={request.pushed_commit} />
      <Publication request={request} />
      <dt>Asked for</dt>
      <dd>
        {SOURCES[request.source] ?? request.source}, <Time at={request.created_at} />
      </dd>
      {request.finished_at !== null && (
        <>
          <dt>Ended</dt>
          <dd>
            <Time at={request.finished_at} />, after {lasted(request.created_at, request.finished_at)}
          </dd>
        </>
      )}
      {request.retry_of !== null && (
        <>
          <dt>Repeats</dt>
          <dd>
            <a href={buildPath('build-requests', request.retry_of)}>an earlier build request</a>
          </dd>
        </>
      )}
    </dl>
  );
}

function Commit({ commit, pushed }: { readonly commit: CommitRow | undefined; readonly pushed: string | null }) {
  const sha = commit?.ref ?? pushed;
  if (sha === null) return null;
  const [subject = ''] = commit?.message.split('\n') ?? [];
  return (
    <>
      <dt>Commit</dt>
      <dd>
        <code>{sha.slice(0, 12)}</code> {subject !== '' && <Words>{subject}</Words>}
        {commit && (
          <>
            <br />
            <span class="soft">
              by <Words>{commit.scm_author_name}</Words>
            </span>
          </>
        )}
      </dd>
    </>
  );
}

function Publication({ request }: Pick<Parts, 'request'>) {
  const { publish_product_id: product, publish_version, publish_activate, published_version_id, state } = request;
  if (product === null) return null;
  const what = `${product} ${publish_version}`;
  return (
    <>
      <dt>Publishes</dt>
      <dd>
        {published_version_id === null ? what : <span class="good">{what} was published</span>}
        {publish_activate && ' as the active version'}
        {published_version_id === null && state !== 'processing' && <span class="bad"> – it was not published</span>}
      </dd>
    </>
  );
}

const COLUMNS = [{ label: 'Suite' }, { label: 'State' }, { label: 'Took' }, { label: 'What happened' }];

function Builds({ builds, request }: Pick<Parts, 'builds' | 'request'>) {
  if (builds.length === 0)
    return (
      <Card title="Builds">
        <p class="empty soft">
          {request.state === 'processing' ? 'A runner looks for the commit first.' : 'Nothing was built.'}
        </p>
      </Card>
    );
  return (
    <Card title="Builds">
      <Table caption="Builds" columns={COLUMNS} rows={builds.map(cellsOf)} />
    </Card>
  );
}

function cellsOf(build: BuildRow) {
  const { id, name, started_at, finished_at, message } = build;
  return [
    <a href={buildPath('builds', id)}>
      <Words>{name}</Words>
      <span class="unseen">: log</span>
    </a>,
    <Badge {...buildWord(build)} />,
    started_at !== null && finished_at !== null ? lasted(started_at, finished_at) : <span class="soft">–</span>,
    message === null ? <span class="soft">–</span> : <Words>{message}</Words>,
  ];
}
