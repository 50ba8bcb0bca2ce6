import { describe, expect, it } from 'vitest';
import { expiryOf, refusalOf, tokenStatus } from './rules.ts';

const NOW = new Date('2026-04-01T00:00:00.000Z');
const HOUR = 60 * 60 * 1000;
const at = (ms: number) => new Date(NOW.getTime() + ms);

describe('when a token ends', () => {
  it('is in 24 hours, or sooner where asked', () => {
    expect(expiryOf(NOW, undefined)).toEqual(at(24 * HOUR));
    expect(expiryOf(NOW, at(1).toISOString())).toEqual(at(1));
    expect(expiryOf(NOW, '2026-04-01T02:00:00+01:00')).toEqual(at(HOUR));
  });

  it('is never later than in 24 hours, whatever clock the caller has', () => {
    expect(expiryOf(NOW, at(24 * HOUR + 60_000).toISOString())).toEqual(at(24 * HOUR));
    expect(() => expiryOf(NOW, at(24 * HOUR + 60_001).toISOString())).toThrow('invalid_format');
  });

  it.each([at(0), at(-1), at(-HOUR)])('is never in the past: %s', (asked) => {
    expect(() => expiryOf(NOW, asked.toISOString())).toThrow('invalid_format');
  });

  it('is no time that does not exist', () => {
    expect(() => expiryOf(NOW, '2026-04-01T23:59:60Z')).toThrow('invalid_format');
  });
});

const token = { expires_at: at(1), revoked_at: null, max_downloads: null, download_count: 0 };
const served = { ...token, version_status: 'ready', suspended: false };

describe('what a token is', () => {
  it.each([
    ['active', {}],
    ['active', { max_downloads: 2, download_count: 1 }],
    ['used_up', { max_downloads: 2, download_count: 2 }],
    ['used_up', { max_downloads: 1, download_count: 3 }],
    ['expired', { expires_at: at(0) }],
    ['expired', { expires_at: at(0), max_downloads: 1, download_count: 1 }],
    ['revoked', { revoked_at: at(-1) }],
    ['revoked', { revoked_at: at(-1), expires_at: at(-1), max_downloads: 1, download_count: 1 }],
  ])('%s: %j', (status, change) => {
    expect(tokenStatus({ ...token, ...change }, NOW)).toBe(status);
  });
});

describe('why it is not served', () => {
  it.each([
    [undefined, {}],
    [undefined, { max_downloads: 1, download_count: 1 }],
    ['expired', { expires_at: at(0) }],
    ['revoked', { revoked_at: at(0), expires_at: at(0) }],
    ['revoked', { version_status: 'yanked' }],
    ['revoked', { version_status: 'processing' }],
    ['resource_temporary_unavailable', { suspended: true, revoked_at: at(0) }],
  ])('%s: %j', (code, change) => {
    expect(refusalOf({ ...served, ...change }, NOW)?.code).toBe(code);
  });
});
