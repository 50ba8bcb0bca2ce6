import { register } from '../applications/actions.ts';
import { requirePaid } from '../http/authenticate.ts';
import { checkBody } from '../http/validate.ts';
import { Card, Form, Head, Notice, Radios, Submit } from '../pages/components.tsx';
import { FlowFields, NamingFields } from './application_fields.tsx';
import { applicationErrors, fieldsOf, NOTHING_TYPED, type Typed, typedIn } from './application_form.ts';
import type { Errors } from './typed.ts';
import { secretPage } from './application_secret.tsx';
import { FormKey, STALE } from './form_key.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { submitOnce } from './submit_once.ts';

const PATH = '/dashboard/applications/new';
const TYPES = [
  {
    value: 'confidential',
    label: 'Confidential',
    hint: 'It runs on a server of yours, where nobody else can read its secret.',
  },
  {
    value: 'public',
    label: 'Public',
    hint: 'It runs where its users can read it: command line, browser, phone, open source. It gets no secret and must use PKCE.',
  },
];

export const newApplication = [
  get(PATH, 'admin', (req) => {
    requirePaid(req.user);
    return formPage(req, { typed: NOTHING_TYPED, type: 'confidential' });
  }),
  post(PATH, 'admin', create),
];

async function create(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  requirePaid(user);
  const typed = typedIn(form);
  const type = form.get('type') ?? '';
  try {
    const body = { ...fieldsOf(typed), confidential: type !== 'public' };
    checkBody('createApplication', body);
    const sent = await submitOnce(req, 'createApplication', (tx) => register(tx, deps, user, body));
    if (sent === 'again') return { redirect: '/dashboard/applications?done=application_sent_before' };
    if (sent === 'stale') return formPage(req, { typed, type, notice: STALE });
    return secretPage(sent.first, 'Application created', deps.config.publicUrl);
  } catch (error) {
    return formPage(req, { typed, type, errors: applicationErrors(error, typed) });
  }
}

interface Shown {
  readonly typed: Typed;
  readonly type: string;
  readonly errors?: Errors;
  readonly notice?: string;
}

function formPage({ deps, csrf }: PageRequest, { typed, type, errors = {}, notice }: Shown): PageAnswer {
  const failed = Object.keys(errors).length > 0;
  return {
    title: 'Create an application',
    current: '/dashboard/applications',
    ...(failed || notice !== undefined ? { status: 422 } : {}),
    content: (
      <>
        <Head
          title="Create an application"
          about="A program that asks people for access to their Continuity accounts."
        />
        {notice !== undefined && <Notice kind="bad">{notice}</Notice>}
        {failed && <Notice kind="bad">Nothing was created yet. Please look at the fields below.</Notice>}
        <Card>
          <Form action={PATH} csrf={csrf}>
            <FormKey now={deps.clock()} />
            <NamingFields typed={typed} errors={errors} />
            <Radios name="type" label="Type" value={type === 'public' ? type : 'confidential'} choices={TYPES} />
            <FlowFields typed={typed} errors={errors} />
            <div class="choices">
              <Submit>Create application</Submit>
              <a href="/dashboard/applications">Cancel</a>
            </div>
          </Form>
        </Card>
      </>
    ),
  };
}
