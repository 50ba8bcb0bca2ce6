import { createHash } from 'node:crypto';
import { checkManifestValue, DEFAULT_LIMITS, type ManifestLimits, parseJson, type Refused } from './check.ts';
import { createReport, isObject, type JsonObject, type Report } from './field_errors.ts';
import { MAX_MANIFEST_BYTES, type ManifestPack } from './manifest.ts';

/** A manifest that was checked, only as the bytes to store. */
export interface ContentBody {
  ok: true;
  /** Hex; equals what the files hash to. */
  productHash: string;
  /** Compact JSON, fixed key order, files sorted by the bytes of path: stored, signed and served exactly so. */
  manifestBytes: Buffer;
  /** Of manifestBytes, hex. */
  manifestSha256: string;
  /** Sum of the sizes of all files, bytes. */
  size: number;
  fileCount: number;
  packs: ManifestPack[];
}

/** The body of `POST /api/manifest`. */
export interface PublishBody extends ContentBody {
  vendorId: string;
  productId: string;
  version: string;
  activate: boolean;
}

export type PublishResult = PublishBody | Refused;
export type ContentResult = ContentBody | Refused;

const KEYS = ['vendorId', 'productId', 'version', 'productHash', 'manifest', 'activate'];
/** Loose: an id that no organisation or product can have is not_found, later. */
const SLUG = /^[^\0]{1,100}$/u;
const VERSION = /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** Pure and slow (a second for 64 MiB): call it through the pool. `invalid_json` is under `generic`. */
export function parsePublishBody(bytes: Buffer, limits: ManifestLimits = DEFAULT_LIMITS): PublishResult {
  return parseBody(bytes, KEYS, (body, report) => {
    const named = {
      vendorId: text(body, 'vendorId', SLUG, report),
      productId: text(body, 'productId', SLUG, report),
      version: text(body, 'version', VERSION, report),
      activate: body.activate === true,
    };
    const claimed = text(body, 'productHash', SHA256, report);
    if (body.activate !== undefined && typeof body.activate !== 'boolean') report.add('activate', 'invalid_format');
    const content = contentOf(body.manifest, 'productHash', claimed, limits, report);
    return content && { ...content, ...named };
  });
}

/** The body of the artifact of a build: a manifest that becomes a version later, if ever. As slow. */
export function parseArtifactBody(bytes: Buffer, limits: ManifestLimits = DEFAULT_LIMITS): ContentResult {
  return parseBody(bytes, ['product_hash', 'manifest'], (body, report) => {
    const claimed = text(body, 'product_hash', SHA256, report);
    return contentOf(body.manifest, 'product_hash', claimed, limits, report);
  });
}

function parseBody<T extends ContentBody>(
  bytes: Buffer,
  keys: readonly string[],
  read: (body: JsonObject, report: Report) => T | undefined,
): T | Refused {
  const parsed = parseJson(bytes);
  if (!parsed) return { ok: false, errors: { generic: ['invalid_json'] } };
  if (!isObject(parsed.value)) return { ok: false, errors: { generic: ['invalid_format'] } };
  const report = createReport();
  for (const key in parsed.value) if (!keys.includes(key)) report.add(key.slice(0, 64), 'unknown_field');
  const body = read(parsed.value, report);
  return body && !report.failed() ? body : { ok: false, errors: report.errors };
}

/** Undefined with the report filled. */
function contentOf(
  value: unknown,
  hashField: string,
  claimed: string,
  limits: ManifestLimits,
  report: Report,
): ContentBody | undefined {
  const checked = checkManifestValue(value, limits, report);
  if (checked && claimed && claimed !== checked.productHash) report.add(hashField, 'invalid_format');
  if (!checked || report.failed()) return undefined;
  const manifestBytes = Buffer.from(JSON.stringify(checked.manifest));
  if (manifestBytes.length > MAX_MANIFEST_BYTES) report.add('manifest', 'invalid_format');
  return {
    ok: true,
    productHash: checked.productHash,
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
