import { type Entry, entries } from '../transactions.ts';
import type { Results } from './results.ts';

/** Why nothing outside can bring about an error, by its code or status. */
const BY_CODE: Readonly<Record<string, string>> = {
  '500': 'a fault in the server',
  '503': 'a database or a storage that fails',
  '429': 'so many requests that real users would be slowed down',
  '413': 'bodies of the largest size',
  account_suspended: 'an account that is suspended',
  payment_required: 'an account that has not paid',
  resource_temporary_unavailable: 'an account that is suspended, or a version that is being processed',
  insufficient_scope: 'an access token of an application',
  insufficient_role: 'a key of a user with a lower role',
  request_in_progress: 'two requests at the same moment',
};

const MAILING = [
  'createInvitation',
  'inviteCollaborator',
  'announceVersion',
  'resendPurchaseEmail',
  'retryMail',
  'createPortalCode',
];
const PEOPLE = ['updateUser', 'deleteUser', 'refreshApiKey', 'updateNotifications', 'leaveCollaboration'];

/** What was not looked at, by what it would take. */
export function unreached(results: Results, writing: boolean): Map<string, Entry[]> {
  const byReason = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (results.seen.has(entry.key)) continue;
    const reason = reasonFor(results, entry, writing);
    byReason.set(reason, [...(byReason.get(reason) ?? []), entry]);
  }
  return new Map([...byReason].sort(([, one], [, other]) => other.length - one.length));
}

function reasonFor({ reasons }: Results, { operation, key, status, code }: Entry, writing: boolean): string {
  const { id, method, operation: node } = operation;
  const general = BY_CODE[String(status)] ?? BY_CODE[code];
  if (general !== undefined) return general;
  if (node['x-credentials'] === 'signature') return 'a signature with the secret of a vendor';
  const security = JSON.stringify(node.security);
  if (security.includes('runnerToken')) return 'the lease of a runner';
  if (security.includes('portalToken') || id === 'createPortalSession') return 'a code that was mailed to a customer';
  if (id.endsWith('AccessToken') || id === 'authorizeApplication') return 'an application that a user has allowed';
  if (MAILING.includes(id)) return 'mail to people';
  if (PEOPLE.includes(id)) return 'a change to users, or to the key itself';
  const said = reasons.get(key) ?? (status < 300 ? reasons.get(id) : undefined);
  if (said !== undefined) return said;
  if (method !== 'get' && !writing) return 'changes, which --write makes';
  return status < 300
    ? 'state that this run leaves alone: integrations, builds, deliveries'
    : 'states and conflicts that `npm run contract` without --url makes on a server of its own';
}
