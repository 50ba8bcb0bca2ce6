import type { RequestWithBuilds } from '../build_requests/queries.ts';
import type { BuildRow } from '../builds/queries.ts';
import { Card, Head, Time, Words } from '../pages/components.tsx';
import type { ProjectRow } from '../projects/queries.ts';
import type { Backlog } from './build_log.ts';
import { buildPath } from './build_paths.ts';
import { Badge, buildWord, lasted } from './build_words.tsx';

interface Parts {
  readonly build: BuildRow;
  readonly request: RequestWithBuilds;
  readonly project: ProjectRow;
  readonly log: Backlog;
}

/** One suite of a build request, with its log. */
export function BuildPage({ build, request, project, log }: Parts) {
  return (
    <>
      <Head
        title={<Words>{build.name}</Words>}
        about={
          <>
            <a href={buildPath('build-requests', request.id)}>
              Build of <Words>{request.ref}</Words>
            </a>{' '}
            of{' '}
            <a href={`/dashboard/projects/${project.id}`}>
              <Words>{project.name}</Words>
            </a>
          </>
        }
      />
      <Card>
        <Facts build={build} />
      </Card>
      <Log build={build} log={log} />
    </>
  );
}

function Facts({ build }: Pick<Parts, 'build'>) {
  const { command, message, exit_code, started_at, finished_at } = build;
  return (
    <dl>
      <dt>State</dt>
      <dd>
        <Badge {...buildWord(build)} id="state" />
      </dd>
      <dt>Command</dt>
      <dd>
        <code>{command}</code>
      </dd>
      {message !== null && (
        <>
          <dt>What happened</dt>
          <dd>
            <Words>{message}</Words>
          </dd>
        </>
      )}
      {exit_code !== null && (
        <>
          <dt>Exit code</dt>
          <dd>{exit_code}</dd>
        </>
      )}
      {started_at !== null && (
        <>
          <dt>Started</dt>
          <dd>
            <Time at={started_at} />
            {finished_at !== null && `, took ${lasted(started_at, finished_at)}`}
          </dd>
        </>
      )}
    </dl>
  );
}

function Log({ build, log }: Pick<Parts, 'build' | 'log'>) {
  const path = buildPath('builds', build.id);
  const follows = build.finished_at === null;
  return (
    <Card title="Log">
      {log.skipped > 0 && (
        <p class="note">
          The first {sizeOf(log.skipped)} are left out here: <a href={`${path}/log.txt`}>see the whole log</a>.
        </p>
      )}
      {log.text === '' && <p class="soft">{follows ? 'Nothing was written yet.' : 'Nothing was written.'}</p>}
      <pre
        id="log"
        class="log"
        dir="ltr"
        tabIndex={0}
        role="region"
        aria-label="Log"
        {...(follows ? { 'data-follow': `${path}/log?from=${log.next}`, 'data-running': RUNNING } : {})}
      >
        <code>{log.text}</code>
      </pre>
      {follows && (
        <>
          <p id="ended" role="status"></p>
          <p id="result" hidden>
            <a href={path}>Show the result</a>
          </p>
          <noscript>
            <p class="note">
              The build goes on: <a href={path}>reload the page</a> to see more.
            </p>
          </noscript>
        </>
      )}
      {build.log_truncated && <p class="note">The log was cut off at 10 MiB.</p>}
    </Card>
  );
}

const { label: RUNNING } = buildWord({ state: 'building' });

const sizeOf = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
