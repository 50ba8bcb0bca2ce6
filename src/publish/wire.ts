import type { Manifest } from '../manifests/manifest.ts';
import type { Api, ApiAnswer } from './api.ts';
import { PublishError } from './publish_error.ts';

/** The parts of the server's answers that publishing reads. */

export interface VersionRow {
  id: string;
  version: string;
  status: string;
  active: boolean;
  productHash: string;
  failures: string[];
}

export async function getVendorId(api: Api): Promise<string> {
  const { json } = await api.request('GET', '/user', { doing: 'asking who the API key belongs to' });
  const vendorId = text(object(object(json).response).organisation_id);
  if (!vendorId) throw new PublishError('The server did not say which organisation the API key belongs to.');
  return vendorId;
}

/** Creates the product (named as its slug) where it is missing; says whether it did. */
export async function ensureProduct(api: Api, product: string): Promise<boolean> {
  const { status } = await api.request('GET', productPath(product), { doing: 'looking up the product', accept: [404] });
  if (status !== 404) return false;
  const doing = `creating the product ${product}`;
  const json = { name: product, slug: product };
  const created = await api.request('POST', '/api/products', { doing, json, accept: [409] });
  return created.status !== 409;
}

export async function listVersions(api: Api, product: string): Promise<VersionRow[]> {
  const path = `${productPath(product)}/versions?limit=200`;
  const { json } = await api.request('GET', path, { doing: 'listing the versions' });
  return Array.isArray(json) ? json.map(versionRow) : [];
}

export async function getVersion(api: Api, product: string, id: string): Promise<VersionRow> {
  const { json } = await api.request('GET', versionPath(product, id), { doing: 'waiting for the verification' });
  return versionRow(json);
}

/** undefined where it is gone, or is of a kind that this command does not know. */
export async function getManifest(api: Api, product: string, id: string): Promise<Manifest | undefined> {
  const path = `${versionPath(product, id)}/manifest`;
  const { status, json } = await api.request('GET', path, { doing: 'reading the last manifest', accept: [404] });
  const { v, packs, files } = object(json);
  return status === 200 && v === 3 && Array.isArray(packs) && Array.isArray(files) ? { v: 3, packs, files } : undefined;
}

/** Which of the packs the server has; asking also keeps them from being cleared away. */
export async function checkPacks(api: Api, vendorId: string, packHashes: string[]): Promise<Set<string>> {
  const doing = 'asking which packs are there';
  const { json } = await api.request('POST', '/api/pack-check', { doing, json: { vendorId, packHashes } });
  const { existing } = object(json);
  return new Set(Array.isArray(existing) ? existing.map(String) : []);
}

export async function putPack(api: Api, vendorId: string, sha256: string, bytes: readonly Uint8Array[]): Promise<void> {
  const path = `/api/blob/${encodeURIComponent(vendorId)}/packs/pack-${sha256}`;
  await api.request('PUT', path, { doing: 'uploading a pack', bytes });
}

export async function getActiveVersionId(api: Api, product: string): Promise<string | undefined> {
  const { json } = await api.request('GET', productPath(product), { doing: 'looking up the product' });
  const { activeVersionId, product: nested } = object(json);
  return text(activeVersionId) ?? text(object(nested).activeVersionId);
}

export async function activateVersion(api: Api, product: string, id: string): Promise<void> {
  await api.request('POST', `${versionPath(product, id)}/activate`, { doing: 'activating the version' });
}

export function versionOf({ json }: ApiAnswer): VersionRow {
  const row = versionRow(json);
  if (!row.id) throw new PublishError('The server did not answer with a version.');
  return row;
}

function productPath(product: string): string {
  return `/api/products/${encodeURIComponent(product)}`;
}

function versionPath(product: string, id: string): string {
  return `${productPath(product)}/versions/${encodeURIComponent(id)}`;
}

function versionRow(json: unknown): VersionRow {
  const { id, version, status, active, productHash, failures } = object(json);
  return {
    id: text(id) ?? '',
    version: text(version) ?? '',
    status: text(status) ?? '',
    active: active === true,
    productHash: text(productHash) ?? '',
    failures: (Array.isArray(failures) ? failures : []).map(reason),
  };
}

function reason(failure: unknown): string {
  const { path, code } = object(failure);
  return [text(path), text(code) ?? JSON.stringify(failure)].filter((part) => part !== undefined).join(': ');
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
