import { expect, it } from 'vitest';
import { normaliseEmail } from './email.ts';

it('an address is one, whatever its case and the spaces around it', () => {
  expect(normaliseEmail(' Buyer@Example.COM\n')).toBe('buyer@example.com');
});
