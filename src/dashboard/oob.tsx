import type { Failure } from '../errors/fail.ts';
import { Secret, Words } from '../pages/components.tsx';
import type { PageAnswer } from './page.ts';

/** The authorization code for a program that has no address to redirect to (`urn:ietf:wg:oauth:2.0:oob`). */
export function copyCode({ code, applicationName }: { code: string; applicationName: string }): PageAnswer {
  return {
    title: 'Copy this code',
    solo: true,
    script: true,
    content: (
      <>
        <h1>Copy this code</h1>
        <p>
          Paste it into <Words>{applicationName}</Words>, the program that sent you here. It works once, within ten
          minutes.
        </p>
        <Secret label="Authorization code" value={code} />
        <p class="soft note">
          Give it to nobody who asks you for it: whoever has it can act for you. You did not start a program yourself?
          Close this page.
        </p>
      </>
    ),
  };
}

/** Why the program gets no code. */
export function refusedOutOfBand({ code, description }: Failure): PageAnswer {
  const denied = code === 'access_denied';
  return {
    title: denied ? 'Access was denied' : 'This link does not work',
    status: denied ? 200 : 400,
    solo: true,
    content: (
      <>
        <h1>{denied ? 'Access was denied' : 'This link does not work'}</h1>
        <p>The program got no access to your account. You can close this page.</p>
        {!denied && (
          <p class="soft note">
            For its developer: <code>{code}</code>. {description}
          </p>
        )}
      </>
    ),
  };
}
