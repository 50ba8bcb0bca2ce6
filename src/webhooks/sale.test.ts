import { describe, expect, it } from 'vitest';
import { sum, times, toMinor } from './money.ts';
import { type Said, saleOf } from './sale.ts';

const line = { key: '1', productId: null, externalIds: ['1'], title: 'Drums', quantity: 1, amount: 5 };
const said = (more: Partial<Said> = {}) =>
  saleOf({
    ...{ references: ['1'], name: null, lines: [line], currency: 'usd', emails: ['a@example.com'] },
    times: [new Date('2026-01-01')],
    ...more,
  });

describe('a sale', () => {
  it('without fault has no problem', () => {
    const common = { kind: 'sale', email: 'a@example.com', currency: 'USD', purchasedAt: new Date('2026-01-01') };
    expect(said()).toMatchObject({ ...common, problem: undefined });
  });

  it.each<[string, Partial<Said>, object]>([
    ['müller@example.com', {}, { email: null, problem: 'this is no address to mail to: müller@example.com' }],
    ['o..brien@example.com', {}, { email: null, problem: 'this is no address to mail to: o..brien@example.com' }],
    [`victim@${'a.'.repeat(95)}com.attacker.example${'.b'.repeat(40)}`, {}, { email: null }],
    ['x'.repeat(100_000), {}, { email: null }],
    ['Kunde@München.de ', {}, { email: 'kunde@xn--mnchen-3ya.de', problem: undefined }],
  ])('to %.30s', (email, more, expected) => {
    expect(said({ emails: [null, email], ...more })).toMatchObject(expected);
  });

  it('to the first address that mail can be sent to', () => {
    expect(said({ emails: ['none', 'b@example.com'] })).toMatchObject({ email: 'b@example.com', problem: undefined });
    expect(said({ emails: [null, null] })).toMatchObject({ email: null, problem: undefined });
  });

  it.each([
    ['-200000-01-01T00:00:00Z', null],
    ['1969-12-31T23:59:59Z', null],
    ['0000-00-00T00:00:00', null],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
  ])('of %s', (text, time) => {
    const { purchasedAt, problem } = said({ times: [null, new Date(text)] });
    expect([purchasedAt?.toISOString() ?? null, problem?.includes('the time cannot be') ?? false]).toEqual([time, time === null]); // prettier-ignore
    expect(said({ times: [new Date(text), new Date(1e12)] }).problem).toBeUndefined();
  });

  it.each([
    [{ currency: 'zzq' }, 'unknown currency zzq: recorded without an amount'],
    [{ currency: null }, 'no currency: recorded without an amount'],
    [
      { lines: [line, { ...line, amount: null }] },
      'what was paid for Drums cannot be read: recorded without an amount',
    ],
    [{ lines: [{ ...line, amount: null, quantity: 0 }] }, undefined],
  ])('with %j', (more, problem) => expect(said(more).problem).toBe(problem));

  it('with several problems names them all', () => {
    expect(said({ currency: 'zzq', emails: ['x'], times: [new Date(NaN)] }).problem?.split('; ')).toHaveLength(3);
  });
});

describe('an amount', () => {
  it('that is larger than can be counted is none', () => {
    const largest = Number.MAX_SAFE_INTEGER;
    expect([toMinor('90071992547409.91', 'USD'), toMinor('90071992547409.92', 'USD')]).toEqual([largest, null]);
    expect([sum([largest, 0, null]), sum([largest, 1])]).toEqual([largest, null]);
    expect([times(3, 1_000_000), times(3, 1_000_001), times(largest, 2), times(null, 2)]).toEqual([3e6, null, null, null]); // prettier-ignore
  });
});
