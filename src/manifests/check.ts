import { isUtf8 } from 'node:buffer';
import { createReport, type FieldErrors, objectWith, type Report } from './field_errors.ts';
import { withinJsonBudget } from './json_budget.ts';
import {
  EMPTY_SHA256,
  MAX_BODY_BYTES,
  MAX_FILES,
  MAX_PACK_SIZE,
  MAX_PACKS,
  type Manifest,
  type ManifestFile,
  type ManifestPack,
  type ManifestSegment,
  MIN_SEGMENT,
} from './manifest.ts';
import { collisions, compareBytes, pathProblem } from './paths.ts';
import { productHash } from './product_hash.ts';
import { overlapping, type Slice } from './slices.ts';

export interface ManifestLimits {
  /** Bytes; the sum of the sizes of all files. */
  maxVersionSize: number;
  maxFiles: number;
}

export const DEFAULT_LIMITS: ManifestLimits = { maxVersionSize: 100 * 1024 ** 3, maxFiles: MAX_FILES };

export type CheckedManifest = { ok: true; manifest: Manifest; size: number; productHash: string } | Refused;
export interface Refused {
  ok: false;
  errors: FieldErrors;
}

/** Legitimate bodies nest six deep; a segment of 65,536 bytes costs four values, so this covers the largest version. */
const BUDGET = { depth: 16, values: 9_000_000, keys: 64 };
const SHA256 = /^[0-9a-f]{64}$/;

/** Parses JSON in bounded memory; undefined where it is not JSON, not UTF-8, or nests or counts beyond any manifest. */
export function parseJson(bytes: Buffer): { value: unknown } | undefined {
  if (bytes.length > MAX_BODY_BYTES || !isUtf8(bytes)) return undefined;
  if (!withinJsonBudget(bytes, BUDGET)) return undefined;
  try {
    return { value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return undefined;
  }
}

/**
 * Checks the bytes of a manifest on its own. Fields of `errors` start with `manifest`; at most 50 are listed.
 * Too many files, packs or bytes in all are `manifest.files` (or `.packs`): invalid_format.
 */
export function checkManifest(bytes: Buffer, limits: ManifestLimits = DEFAULT_LIMITS): CheckedManifest {
  const parsed = parseJson(bytes);
  if (!parsed) return { ok: false, errors: { manifest: ['invalid_json'] } };
  const report = createReport();
  const checked = checkManifestValue(parsed.value, limits, report);
  if (!checked || report.failed()) return { ok: false, errors: report.errors };
  return { ok: true, ...checked };
}

/** The manifest with keys in fixed order and files sorted by the bytes of path, or undefined with the report filled. */
export function checkManifestValue(
  value: unknown,
  limits: ManifestLimits,
  report: Report,
): { manifest: Manifest; size: number; productHash: string } | undefined {
  const body = objectWith(value, ['v', 'packs', 'files'], 'manifest', report);
  if (!body) return undefined;
  if (body.v !== 3) report.add('manifest.v', body.v === undefined ? 'is_blank' : 'invalid_format');
  const packs = checkPacks(list(body.packs, 'manifest.packs', MAX_PACKS, report), report);
  const fileValues = list(body.files, 'manifest.files', limits.maxFiles, report);
  if (fileValues?.length === 0) report.add('manifest.files', 'is_blank');
  if (report.failed() || !packs || !fileValues) return undefined;

  const { files, slices, size } = checkFiles(fileValues, packs, report);
  if (size > limits.maxVersionSize) report.add('manifest.files', 'invalid_format');
  if (report.failed()) return undefined;

  for (const { index } of collisions(files.map((file) => file.path)))
    report.add(`manifest.files.${index}.path`, 'invalid_format');
  for (const { file, segment } of overlapping(slices, 50))
    report.add(`manifest.files.${file}.segments.${segment}`, 'invalid_format');
  reportUnused(packs, slices, report);
  if (report.failed()) return undefined;

  files.sort((a, b) => compareBytes(a.path, b.path));
  return { manifest: { v: 3, packs, files }, size, productHash: productHash(files) };
}

function list(value: unknown, field: string, max: number, report: Report): unknown[] | undefined {
  if (!Array.isArray(value)) {
    report.add(field, value === undefined || value === null ? 'is_blank' : 'invalid_format');
    return undefined;
  }
  if (value.length <= max) return value;
  report.add(field, 'invalid_format');
  return undefined;
}

function checkPacks(values: unknown[] | undefined, report: Report): ManifestPack[] | undefined {
  if (!values) return undefined;
  const packs: ManifestPack[] = [];
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (report.full()) break;
    const field = `manifest.packs.${index}`;
    const pack = objectWith(value, ['sha256', 'size'], field, report);
    if (!pack) continue;
    const sha256 = checkSha256(pack.sha256, `${field}.sha256`, report);
    const size = checkSize(pack.size, `${field}.size`, 1, MAX_PACK_SIZE, report);
    if (seen.has(sha256)) report.add(`${field}.sha256`, 'invalid_format');
    seen.add(sha256);
    packs.push({ sha256, size });
  }
  return packs;
}

function checkFiles(values: unknown[], packs: ManifestPack[], report: Report) {
  const files: ManifestFile[] = [];
  const slices: Slice[] = [];
  let total = 0;
  for (const [index, value] of values.entries()) {
    if (report.full()) break;
    const field = `manifest.files.${index}`;
    const file = objectWith(value, ['path', 'size', 'sha256', 'segments'], field, report);
    if (!file) continue;
    const path = checkPath(file.path, `${field}.path`, report);
    const size = checkSize(file.size, `${field}.size`, 0, Number.MAX_SAFE_INTEGER, report);
    const sha256 = checkSha256(file.sha256, `${field}.sha256`, report);
    const segments = checkSegments(file.segments, index, packs, slices, report);
    const sum = segments.reduce((bytes, segment) => bytes + segment.length, 0);
    if (segments.length > 0 ? sum !== size : size !== 0) report.add(`${field}.segments`, 'invalid_format');
    if (size === 0 && sha256 !== EMPTY_SHA256) report.add(`${field}.sha256`, 'invalid_format');
    total += size;
    files.push({ path, size, sha256, segments });
  }
  return { files, slices, size: total };
}

function checkSegments(value: unknown, file: number, packs: ManifestPack[], slices: Slice[], report: Report) {
  const segments: ManifestSegment[] = [];
  const base = `manifest.files.${file}.segments`;
  // Their number needs no limit of its own: the body has one, and all but the last are long.
  const values = list(value, base, Number.POSITIVE_INFINITY, report);
  for (const [index, entry] of (values ?? []).entries()) {
    if (report.full()) break;
    const field = `${base}.${index}`;
    const segment = objectWith(entry, ['pack', 'offset', 'length'], field, report);
    if (!segment || !values) continue;
    const pack = checkSize(segment.pack, `${field}.pack`, 0, packs.length - 1, report);
    const room = packs[pack]?.size ?? 0;
    const offset = checkSize(segment.offset, `${field}.offset`, 0, Math.max(room - 1, 0), report);
    const shortest = index < values.length - 1 ? MIN_SEGMENT : 1;
    const length = checkSize(segment.length, `${field}.length`, shortest, room - offset, report);
    segments.push({ pack, offset, length });
    slices.push({ pack, offset, length, file, segment: index });
  }
  return segments;
}

/** `slices` are grouped by pack by now. */
function reportUnused(packs: ManifestPack[], slices: Slice[], report: Report): void {
  const used = new Uint8Array(packs.length);
  for (const slice of slices) used[slice.pack] = 1;
  for (const [index] of packs.entries()) if (!used[index]) report.add(`manifest.packs.${index}`, 'invalid_format');
}

function checkPath(value: unknown, field: string, report: Report): string {
  if (value === undefined || value === null || value === '') report.add(field, 'is_blank');
  else if (typeof value !== 'string' || pathProblem(value)) report.add(field, 'invalid_format');
  else return value;
  return '';
}

function checkSha256(value: unknown, field: string, report: Report): string {
  if (value === undefined || value === null || value === '') report.add(field, 'is_blank');
  else if (typeof value !== 'string' || !SHA256.test(value)) report.add(field, 'invalid_format');
  else return value;
  return '';
}

/** A number of bytes or an index: a safe integer from `min` to `max`. */
function checkSize(value: unknown, field: string, min: number, max: number, report: Report): number {
  if (value === undefined || value === null) report.add(field, 'is_blank');
  else if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
    report.add(field, 'invalid_format');
  else return value === 0 ? 0 : value;
  return 0;
}
