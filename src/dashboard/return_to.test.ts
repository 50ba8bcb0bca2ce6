import { expect, it } from 'vitest';
import { returnTo } from './return_to.ts';

it.each([
  ['/dashboard', '/dashboard'],
  ['/dashboard/applications/new?name=a%20b', '/dashboard/applications/new?name=a%20b'],
  ['/oauth2/authorize?client_id=1&state=%2F%2Fevil', '/oauth2/authorize?client_id=1&state=%2F%2Fevil'],
  ['/dashboard/x/../users', '/dashboard/users'],
])('%s is a page of ours', (sent, expected) => expect(returnTo(sent)).toBe(expected));

it.each([
  [null],
  [''],
  ['dashboard'],
  ['//evil.example'],
  ['//evil.example/dashboard'],
  ['/\\evil.example'],
  ['\\\\evil.example'],
  ['/dashboard\\..\\evil'],
  ['https://evil.example/dashboard'],
  ['javascript:alert(1)'],
  ['/\t/evil.example'],
  ['/\n/evil.example'],
  ['/dashboard\r\nSet-Cookie: a=b'],
  ['/dashboard/\u00e9'],
  ['/dashboard/../whoami?callback=x'],
  ['/dashboard/%2e%2e/whoami'],
  ['/dashboard/../..//evil.example'],
  ['/dashboardx'],
  ['/oauth2/authorizex'],
  ['/oauth2/revoke'],
  ['/dashboard/sign-in?return_to=/dashboard/sign-in'],
  ['/dashboard/sign-out'],
])('%j leads to the overview', (sent) => expect(returnTo(sent)).toBe('/dashboard'));
