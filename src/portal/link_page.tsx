import { Failure } from '../errors/fail.ts';
import { clientAddress } from '../http/transport.ts';
import { Form, Submit, Words } from '../pages/components.tsx';
import { keepCustomer, sessionToken } from './cookies.ts';
import type { Customer } from './customer.ts';
import { deadLink } from './errors.tsx';
import { open, type PortalAnswer, type PortalRequest } from './page.ts';
import { addressOfLink, signInByLink } from './sign_in.ts';

export const linkPages = [open('get', '/my/link', show), open('post', '/my/link', enter)];

type Visitor = PortalRequest<Customer | undefined>;

/** Looking at it uses nothing up: programs that look for viruses in mails open every link. */
function show({ deps, query, csrf }: Visitor): Promise<PortalAnswer> {
  const token = query.get('token') ?? '';
  return orDead(async () => linkPage(csrf, token, await addressOfLink(deps, token)));
}

function enter({ deps, koa, form }: Visitor): Promise<PortalAnswer> {
  return orDead(async () => {
    const address = clientAddress(koa.req, deps.config.trustProxy);
    const signIn = { kind: 'browser', address, replaces: sessionToken(deps, koa) } as const;
    const { token } = await signInByLink(deps, form.get('token') ?? '', signIn);
    keepCustomer(deps, koa, token);
    return { redirect: '/my' };
  });
}

async function orDead(answer: () => Promise<PortalAnswer>): Promise<PortalAnswer> {
  try {
    return await answer();
  } catch (thrown) {
    if (thrown instanceof Failure && 'token' in thrown.fields) return deadLink(thrown);
    throw thrown;
  }
}

function linkPage(csrf: string, token: string, email: string): PortalAnswer {
  return {
    title: 'Your downloads',
    content: (
      <>
        <h1>Your downloads</h1>
        <p>
          This shows, in this browser, what was bought as <Words>{email}</Words>.
        </p>
        <Form action="/my/link" csrf={csrf}>
          <input type="hidden" name="token" value={token} />
          <div class="choices">
            <Submit>Show my downloads</Submit>
          </div>
        </Form>
        <p class="note">You did not ask for this? Then close this page: nothing happens.</p>
      </>
    ),
  };
}
