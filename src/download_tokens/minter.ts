import { operations } from '../../generated/operations.ts';
import { createBatcher } from '../db/batch.ts';
import type { Hot } from '../db/hot.ts';
import { rolesFrom } from '../http/operation.ts';
import type { Mint } from './actions.ts';
import { inOrder, MINT_TOKEN, type MintRow, mintParameters } from './statements.ts';

/** Who may mint, as the document says. */
export const MINTING_ROLES = rolesFrom(operations.generateDownloadUrl.role);

const BATCHES = { atOnce: 4, largest: 64 };

const minters = new WeakMap<Hot, Mint>();

/** Mints for concurrent requests in few statements; one minter for each database. */
export function minterOf(hot: Hot): Mint {
  const known = minters.get(hot);
  if (known) return known;
  const minter: Mint = createBatcher(async (requests) => {
    const rows = await hot.write<MintRow>(MINT_TOKEN, mintParameters(requests, MINTING_ROLES));
    return inOrder(rows, requests.length);
  }, BATCHES);
  minters.set(hot, minter);
  return minter;
}
