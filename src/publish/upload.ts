import type { Api } from './api.ts';
import type { NewPack } from './pack_store.ts';
import { checkPacks, putPack } from './wire.ts';

export interface UploadCounts {
  packsUploaded: number;
  bytesUploaded: number;
}

/** Where packs are stored. */
export interface PackShelf {
  /** Which of the packs are there. */
  check(hashes: readonly string[]): Promise<ReadonlySet<string>>;
  put(sha256: string, pieces: readonly Uint8Array[]): Promise<void>;
}

/** The shelf of an organisation. */
export function shelfOf(api: Api, vendorId: string): PackShelf {
  return {
    check: (hashes) => checkPacks(api, vendorId, [...hashes]),
    put: (sha256, pieces) => putPack(api, vendorId, sha256, pieces),
  };
}

export interface Uploader {
  /** Takes a pack; resolves when there is room for the next, rejects with the first error of any upload. */
  add(pack: NewPack): Promise<void>;
  /** Resolves when every pack is stored. */
  finish(): Promise<UploadCounts>;
}

const UPLOADS = 6;
/** Packs held in memory: those being sent, those being asked for, those waiting. */
const HELD = 8;
const CHECKED_AT_ONCE = 1_000;

/**
 * Asks for the packs that came in while the last question was out, then sends those that are missing.
 * `onStored` gets the size of each pack that the server has, sent or not.
 */
export function createUploader(shelf: PackShelf, onStored: (bytes: number) => void): Uploader {
  const unchecked: NewPack[] = [];
  const missing: NewPack[] = [];
  const counts: UploadCounts = { packsUploaded: 0, bytesUploaded: 0 };
  let held = 0;
  let sending = 0;
  let checking = false;
  let failure: { error: unknown } | undefined;
  let wake: (() => void) | undefined;

  function settle(pack: NewPack): void {
    held--;
    onStored(pack.size);
  }

  function start(work: Promise<void>, after: () => void): void {
    work
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => {
        after();
        pump();
        wake?.();
      });
  }

  async function check(packs: NewPack[]): Promise<void> {
    const hashes = packs.map((pack) => pack.sha256);
    const existing = await shelf.check(hashes);
    for (const pack of packs) {
      if (existing.has(pack.sha256)) settle(pack);
      else missing.push(pack);
    }
  }

  async function send(pack: NewPack): Promise<void> {
    await shelf.put(pack.sha256, pack.pieces);
    counts.packsUploaded++;
    counts.bytesUploaded += pack.size;
    settle(pack);
  }

  function pump(): void {
    if (failure) return;
    if (!checking && unchecked.length > 0) {
      checking = true;
      start(check(unchecked.splice(0, CHECKED_AT_ONCE)), () => {
        checking = false;
      });
    }
    while (sending < UPLOADS) {
      const pack = missing.shift();
      if (!pack) break;
      sending++;
      start(send(pack), () => {
        sending--;
      });
    }
  }

  async function until(done: () => boolean): Promise<void> {
    while (!failure && !done()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure) throw failure.error;
  }

  return {
    async add(pack) {
      held++;
      unchecked.push(pack);
      pump();
      await until(() => held < HELD);
    },
    async finish() {
      await until(() => held === 0);
      return counts;
    },
  };
}

/** Whether the server still has all of these packs. */
export async function allStored(api: Api, vendorId: string, hashes: string[]): Promise<boolean> {
  for (let at = 0; at < hashes.length; at += CHECKED_AT_ONCE) {
    const some = hashes.slice(at, at + CHECKED_AT_ONCE);
    const existing = await checkPacks(api, vendorId, some);
    if (some.some((hash) => !existing.has(hash))) return false;
  }
  return true;
}
