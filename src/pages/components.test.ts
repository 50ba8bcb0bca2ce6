import { h, type VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { fail, failFields } from '../errors/fail.ts';
import { Checkbox, Field, Form, Notice, Radios, Secret, Select, Table, TextArea, Words } from './components.tsx';
import { formatDelay } from './delay.ts';
import { renderDocument } from './document.tsx';
import { doneMessage, fieldErrors } from './messages.ts';

const EVIL = `"><script>alert(1)</script>'&`;

describe('somebody else’s words', () => {
  const choices = [{ value: EVIL, label: EVIL, hint: EVIL }];
  const common = { name: EVIL, label: EVIL, error: EVIL, hint: EVIL };
  it.each([
    ['text', h(Words, null, EVIL)],
    ['a form', h(Form, { action: EVIL, csrf: EVIL, children: EVIL })],
    ['a field', h(Field, { ...common, value: EVIL })],
    ['a text area', h(TextArea, { ...common, value: EVIL })],
    ['a list to choose from', h(Select, { ...common, value: EVIL, choices })],
    ['radio buttons', h(Radios, { ...common, value: EVIL, choices })],
    ['a checkbox', h(Checkbox, { name: EVIL, label: EVIL, checked: true })],
    ['a notice', h(Notice, { kind: 'bad', children: EVIL })],
    ['a secret', h(Secret, { label: EVIL, value: EVIL })],
    ['a table', h(Table, { caption: EVIL, columns: [{ label: EVIL }], rows: [[EVIL]] })],
  ])('are text in %s', (_where, node) => {
    const html = renderToString(node as VNode);
    expect(html).toContain('&lt;script');
    expect(html).not.toContain('<script');
    // A quote would end the attribute that it stands in.
    expect(html).not.toContain('"">');
  });

  it('are text in title and header', () => {
    const user = { email: EVIL, role: 'owner' as const };
    const html = renderDocument({ title: EVIL, children: EVIL, user, csrf: EVIL });
    expect(html).not.toContain('<script');
    expect(html).toContain('<title>&quot;>&lt;script>');
  });
});

describe('a field', () => {
  it('is tied to its label, hint and error', () => {
    const html = renderToString(
      h(Field, { name: 'email', label: 'E-mail', hint: 'Yours', error: 'Wrong', value: 'a' }),
    );
    expect(html).toContain('<label for="email">E-mail</label>');
    expect(html).toContain('<p class="hint" id="email-hint">Yours</p>');
    expect(html).toContain('<p class="wrong" id="email-error">Wrong</p>');
    expect(html).toMatch(/<input id="email"[^>]* aria-describedby="email-hint email-error" aria-invalid="true"/);
  });

  it('without hint and error refers to none', () => {
    const html = renderToString(h(Field, { name: 'email', label: 'E-mail' }));
    expect(html).not.toContain('aria-');
  });
});

describe('a document', () => {
  it('has the script only where it was asked for', () => {
    const bare = { title: 'a', children: 'b' };
    expect(renderDocument(bare)).not.toContain('<script');
    expect(renderDocument({ ...bare, script: true })).toMatch(/<script>[^<]*data-copy/);
    expect(renderDocument({ ...bare, scripts: ['a.js'] })).toContain('<script type="module" src="a.js"></script>');
  });
});

describe('sentences', () => {
  it('are found for each failing field', () => {
    const failure = failFields({ email: ['already_taken'], name: ['is_blank'] });
    expect(fieldErrors(failure, { name: { is_blank: 'Who are you?' } })).toEqual({
      email: 'This address belongs to another account.',
      name: 'Who are you?',
    });
  });

  it.each([
    ['no field', fail('not_found')],
    ['a code without a sentence', fail('conflict', { field: 'name' })],
    ['something else', new TypeError('x')],
  ])('are not found for what blames %s', (_what, error) => expect(() => fieldErrors(error)).toThrow(error));

  it.each([null, '', 'constructor', '__proto__'])('say nothing of %s', (key) => {
    expect(doneMessage(key)).toBeUndefined();
  });

  it.each([
    [0.2, '1 second'],
    [89, '89 seconds'],
    [90, '2 minutes'],
    [900, '15 minutes'],
    [5400, '2 hours'],
  ])('say how long %d seconds are', (seconds, text) => expect(formatDelay(seconds)).toBe(text));
});
