import { createHash } from 'node:crypto';
import { checkManifestValue, DEFAULT_LIMITS, type ManifestLimits, parseJson, type Refused } from './check.ts';
import { createReport, isObject, type JsonObject, type Report } from './field_errors.ts';
import { MAX_MANIFEST_BYTES, type ManifestPack } from './manifest.ts';

/** The body of `POST /api/manifest`, checked; the manifest itself only as the bytes to store. */
export interface PublishBody {
  ok: true;
  vendorId: string;
  productId: string;
  version: string;
  /** Hex; equals what the files hash to. */
  productHash: string;
  activate: boolean;
  /** Compact JSON, fixed key order, files sorted by the bytes of path: stored, signed and served exactly so. */
  manifestBytes: Buffer;
  /** Of manifestBytes, hex. */
  manifestSha256: string;
  /** Sum of the sizes of all files, bytes. */
  size: number;
  fileCount: number;
  packs: ManifestPack[];
}

export type PublishResult = PublishBody | Refused;

const KEYS = ['vendorId', 'productId', 'version', 'productHash', 'manifest', 'activate'];
/** Loose: an id that no organisation or product can have is not_found, later. */
const SLUG = /^\P{Cc}{1,100}$/u;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** Pure and slow (a second for 64 MiB): call it through the pool. `invalid_json` is under `generic`. */
export function parsePublishBody(bytes: Buffer, limits: ManifestLimits = DEFAULT_LIMITS): PublishResult {
  const parsed = parseJson(bytes);
  if (!parsed) return { ok: false, errors: { generic: ['invalid_json'] } };
  if (!isObject(parsed.value)) return { ok: false, errors: { generic: ['invalid_format'] } };
  const report = createReport();
  const body = parsed.value;
  for (const key in body) if (!KEYS.includes(key)) report.add(key.slice(0, 64), 'unknown_field');
  const vendorId = text(body, 'vendorId', SLUG, report);
  const productId = text(body, 'productId', SLUG, report);
  const version = text(body, 'version', VERSION, report);
  const claimed = text(body, 'productHash', SHA256, report);
  if (body.activate !== undefined && typeof body.activate !== 'boolean') report.add('activate', 'invalid_format');
  const checked = checkManifestValue(body.manifest, limits, report);
  if (checked && claimed && claimed !== checked.productHash) report.add('productHash', 'invalid_format');
  if (!checked || report.failed()) return { ok: false, errors: report.errors };

  const manifestBytes = Buffer.from(JSON.stringify(checked.manifest));
  if (manifestBytes.length > MAX_MANIFEST_BYTES) return { ok: false, errors: { manifest: ['invalid_format'] } };
  return {
    ok: true,
    vendorId,
    productId,
    version,
    productHash: checked.productHash,
    activate: body.activate === true,
    manifestBytes,
    manifestSha256: createHash('sha256').update(manifestBytes).digest('hex'),
    size: checked.size,
    fileCount: checked.manifest.files.length,
    packs: checked.manifest.packs,
  };
}

function text(body: JsonObject, field: string, format: RegExp, report: Report): string {
  const value = body[field];
  if (value === undefined || value === null || value === '') report.add(field, 'is_blank');
  else if (typeof value !== 'string' || !format.test(value)) report.add(field, 'invalid_format');
  else return value;
  return '';
}
