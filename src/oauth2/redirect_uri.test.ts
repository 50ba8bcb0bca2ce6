import { describe, expect, it } from 'vitest';
import { answerUri, checkRedirectUri, chooseRedirectUri, formActionOf, matchesRedirectUri } from './redirect_uri.ts';

describe('what may be registered', () => {
  it.each([
    'http://hostname/oauth_redirect',
    'https://client.example/callback?tenant=1',
    'https://client.example:8443',
    'http://127.0.0.1/callback',
    'http://[::1]:8080/callback',
    'http://localhost:3000/',
    'com.example.app:/callback',
    'com.example.app://callback/x',
    'urn:ietf:wg:oauth:2.0:oob',
  ])('takes %s', (uri) => expect(checkRedirectUri(uri)).toBeUndefined());

  it.each([
    '',
    '/callback',
    '//client.example/',
    'client.example',
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,hello',
    'file:///etc/passwd',
    'vbscript:x',
    'blob:https://client.example/1',
    'about:blank',
    'ws://client.example/',
    'app:/callback',
    'urn:ietf:wg:oauth:2.0:oob:auto',
    'URN:ietf:wg:oauth:2.0:oob',
    'https://client.example/#',
    'https://client.example/#fragment',
    'https://user@client.example/',
    'https://user:password@client.example/',
    'https://@client.example/',
    'https://*.client.example/',
    'https://client.example/*',
    'https:client.example',
    'https:///client.example',
    'https:\\\\client.example',
    'https://client.example\\@evil.example/',
    'https://client.example/ x',
    'https://client.example/\r\nSet-Cookie: a=b',
    'https://client.example/\0',
    'https://client.example/é',
    'https://client.example/%zz',
    'https://client.example:99999/',
    'https://client.example/"><script>',
  ])('refuses %j', (uri) => expect(checkRedirectUri(uri)).toBe('invalid_format'));

  it('is at most 2000 characters long', () => {
    const long = `https://client.example/${'a'.repeat(1977)}`;
    expect(checkRedirectUri(long)).toBeUndefined();
    expect(checkRedirectUri(`${long}a`)).toBe('invalid_format');
  });
});

describe('what matches', () => {
  it.each([
    ['https://client.example/callback', 'https://client.example/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:51004/callback'],
    ['http://127.0.0.1:8080/callback?a=b', 'http://127.0.0.1:1/callback?a=b'],
    ['http://[::1]:8080/callback', 'http://[::1]/callback'],
  ])('%s: %s', (registered, requested) => expect(matchesRedirectUri(registered, requested)).toBe(true));

  it.each([
    ['https://client.example/callback', 'https://client.example/callback/'],
    ['https://client.example/callback', 'https://client.example/callback?x=1'],
    ['https://client.example/callback', 'https://client.example/Callback'],
    ['https://client.example/callback', 'https://CLIENT.example/callback'],
    ['https://client.example/callback', 'https://client.example:443/callback'],
    ['https://client.example/callback', 'https://client.example:8443/callback'],
    ['https://client.example/callback', 'http://client.example/callback'],
    ['https://client.example/callback', 'https://client.example.evil.example/callback'],
    ['https://client.example/callback', 'https://evil.example/https://client.example/callback'],
    ['https://client.example/callback', 'https://client.example/callback/../evil'],
    ['https://client.example/callback', 'https://client.example/%63allback'],
    ['http://localhost/callback', 'http://localhost:3000/callback'],
    ['http://127.0.0.1/callback', 'https://127.0.0.1:3000/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:3000/other'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:70000/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:0080/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:80@evil.example/callback'],
    ['http://127.0.0.1/callback', 'http://[::1]/callback'],
    ['http://127.0.0.2/callback', 'http://127.0.0.2:3000/callback'],
    ['com.example.app:/callback', 'com.example.app:/callback2'],
    ['urn:ietf:wg:oauth:2.0:oob', 'urn:ietf:wg:oauth:2.0:oob:auto'],
  ])('%s, not %s', (registered, requested) => expect(matchesRedirectUri(registered, requested)).toBe(false));
});

describe('the choice', () => {
  const [one, two] = ['https://client.example/1', 'https://client.example/2'];

  it('is the only one where none is asked for', () => {
    expect(chooseRedirectUri([one], undefined)).toBe(one);
    expect(chooseRedirectUri([one, two], undefined)).toBeUndefined();
    expect(chooseRedirectUri([one, two], two)).toBe(two);
    expect(chooseRedirectUri([one], two)).toBeUndefined();
  });

  it('is never one that could not be registered, however it got there', () => {
    expect(chooseRedirectUri(['javascript:alert(1)'], 'javascript:alert(1)')).toBeUndefined();
    expect(chooseRedirectUri(['https://client.example/\r\nX: y'], undefined)).toBeUndefined();
  });
});

describe('the answer', () => {
  it('keeps the query that is there', () => {
    const of = (uri: string) => answerUri(uri, { code: 'c', state: undefined }, 'query');
    expect(of('https://client.example/')).toBe('https://client.example/?code=c');
    expect(of('https://client.example/?a=b%20c')).toBe('https://client.example/?a=b%20c&code=c');
    expect(of('https://client.example/?')).toBe('https://client.example/?code=c');
    expect(of('com.example.app:/callback')).toBe('com.example.app:/callback?code=c');
  });

  it('stands in the fragment for the implicit flow', () => {
    expect(answerUri('https://client.example/?a=b', { scope: 'a b' }, 'fragment')).toBe(
      'https://client.example/?a=b#scope=a+b',
    );
  });

  it('cannot end a header', () => {
    const uri = answerUri('https://client.example/', { state: 'a\r\nSet-Cookie: b=c' }, 'query');
    expect(uri).toBe('https://client.example/?state=a%0D%0ASet-Cookie%3A+b%3Dc');
  });

  it('is let through by the form policy', () => {
    expect(formActionOf('https://client.example/')).toEqual(['https:']);
    expect(formActionOf('http://[::1]:8080/')).toEqual(['http:']);
    expect(formActionOf('com.example.app:/callback')).toEqual(['com.example.app:']);
    expect(formActionOf('urn:ietf:wg:oauth:2.0:oob')).toEqual([]);
  });
});
