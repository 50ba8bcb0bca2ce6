import { refreshKey } from '../users/actions.ts';
import { Card, Form, Head, Notice, Secret, Submit, Time } from '../pages/components.tsx';
import { FormKey, STALE } from './form_key.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { submitOnce } from './submit_once.ts';

const PATH = '/dashboard/settings/api-key';

export const apiKey = [
  get(PATH, 'member', statePage),
  get(`${PATH}/refresh`, 'member', (req) => confirmPage(req)),
  post(`${PATH}/refresh`, 'member', refresh),
];

/** Whether there is a key and since when; never the key. */
export function ApiKeyState({ createdAt }: { readonly createdAt: Date | null }) {
  if (createdAt === null) return <p>You have no API key.</p>;
  return (
    <p>
      You have an API key, made on <Time at={createdAt} />. It cannot be shown again; if it is lost, re-create it.
    </p>
  );
}

function statePage({ user }: PageRequest): PageAnswer {
  const { apiKeyCreatedAt: createdAt } = user;
  return {
    title: 'API key',
    current: PATH,
    content: (
      <>
        <Head title="API key" about="Your personal key for the API. It may do what you may do." />
        <Card>
          <ApiKeyState createdAt={createdAt} />
          <p>
            Send it as <code>Authorization: Bearer</code>, or as the password of HTTP Basic with your e-mail address.
            For programs that others use, have them ask for access with OAuth2 instead.
          </p>
          <div class="choices">
            <a class={createdAt === null ? 'button' : 'button quiet'} href={`${PATH}/refresh`}>
              {createdAt === null ? 'Create an API key' : 'Re-create the API key'}
            </a>
          </div>
        </Card>
      </>
    ),
  };
}

function confirmPage({ deps, user, csrf }: PageRequest, stale = false): PageAnswer {
  const first = user.apiKeyCreatedAt === null;
  const title = first ? 'Create an API key?' : 'Re-create the API key?';
  return {
    title,
    current: PATH,
    content: (
      <>
        <Head title={title} />
        {stale && <Notice kind="bad">{STALE}</Notice>}
        <Card>
          {first && <p>The key is shown once, on the next page. Have a safe place for it at hand.</p>}
          {!first && (
            <p>
              The old key stops working at once, everywhere it is in use. The new one is shown once, on the next page.
            </p>
          )}
          <Form action={`${PATH}/refresh`} csrf={csrf}>
            <FormKey now={deps.clock()} />
            <div class="choices">
              <Submit kind={first ? undefined : 'final'}>{first ? 'Create the key' : 'Re-create the key'}</Submit>
              <a href={PATH}>Cancel</a>
            </div>
          </Form>
        </Card>
      </>
    ),
  };
}

async function refresh(req: PageRequest): Promise<PageAnswer> {
  const { deps, user } = req;
  const sent = await submitOnce(req, 'refreshApiKey', (tx) => refreshKey(tx, deps, user));
  if (sent === 'again') return { redirect: `${PATH}?done=key_sent_before` };
  if (sent === 'stale') return confirmPage(req, true);
  return keyPage(sent.first.apiKey, user.email, deps.config.publicUrl);
}

/** The only answer that ever shows the key. */
function keyPage(key: string, email: string, publicUrl: string): PageAnswer {
  return {
    title: 'Your new API key',
    current: PATH,
    script: true,
    content: (
      <>
        <Head title="Your new API key" />
        <Notice kind="good">Copy the key and store it safely: it is shown now and never again.</Notice>
        <Card>
          <Secret id="api_key" label="API key" value={key} />
          <Secret id="try" label="Try it" value={`curl -i -u ${quoted(`${email}:${key}`)} ${publicUrl}/whoami`} />
          <div class="choices">
            <a class="button" href={PATH}>
              I have stored the key
            </a>
          </div>
        </Card>
      </>
    ),
  };
}

/** One word for a shell (POSIX XCU §2.2.2): an address may have a quote in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
