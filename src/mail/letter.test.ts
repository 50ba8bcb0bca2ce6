import { expect, it } from 'vitest';
import { letter } from './letter.tsx';

const LINK = 'https://shop.example.com/download?token=a&b=c';
const mail = letter('tom@example.com', 'Hello <b>', [
  'Words & <b>more</b>.',
  { title: 'Drums <b>', link: LINK, label: 'Download' },
  { code: '042137' },
  { link: `${LINK}2` },
  { link: `${LINK}3`, label: 'Unsubscribe', quiet: true },
]);

it('says the same as text, with each link and the code on a line of its own', () => {
  expect(mail.text).toBe(`Words & <b>more</b>.\n\nDrums <b>\n${LINK}\n\n042137\n\n${LINK}2\n\n${LINK}3\n`);
});

it('has buttons in HTML, and spells out the links that have no name', () => {
  const href = LINK.replace('&', '&amp;');
  expect(mail.html).toContain(`<a href="${href}" class="button">Download</a>`);
  expect(mail.html).toContain(`<a href="${href}2">${href}2</a>`);
  expect(mail.html).toContain(`<a href="${href}3">Unsubscribe</a>`);
  expect(mail.html).toContain('>042137<');
});

it('takes nobody’s words for HTML', () => {
  expect(mail.html).not.toContain('<b>');
  expect(mail.html).toContain('<title>Hello &lt;b></title>');
});
