import fc, { type Arbitrary } from 'fast-check';
import { type Documented, type Node, resolve } from '../../src/testing/document.ts';
import { sha256 } from '../../src/testing/publish_small.ts';
import type { Plan } from '../recipes/plan.ts';
import { signers } from '../recipes/webhooks.ts';
import { signPush } from '../recipes/hooks.ts';
import type { World } from '../world.ts';
import { LASTING } from './rules.ts';
import { textOf } from './texts.ts';
import { propertiesOf, read, requiredOf, valuesOf } from './values.ts';

/** Valid parts, made up, that take the place of those of a request that succeeds. */
export interface Overlay {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the body; undefined leaves the field out. */
  readonly fields?: Node;
  /** The whole body, where it is bytes. */
  readonly bytes?: string;
}

export function overlaysOf(operation: Documented): Arbitrary<Overlay> {
  const parts: Record<string, Arbitrary<unknown>> = {
    params: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: texts(operation, 'path') }),
    query: texts(operation, 'query'),
    headers: texts(operation, 'header'),
  };
  const { schema } = bodyOf(operation) ?? {};
  if (schema?.format === 'binary') parts.bytes = isSigned(operation) ? fc.json() : fc.string({ minLength: 1 });
  else if (schema) parts.fields = fieldsOf(schema);
  return fc.record(parts, { noNullPrototype: true }) as Arbitrary<Overlay>;
}

/** What an operation takes as its body, and as which media type. */
export function bodyOf({ operation }: Documented): { mediaType: string; schema: Node; required: boolean } | undefined {
  if (operation.requestBody === undefined) return undefined;
  const { content, required } = resolve(operation.requestBody);
  const [[mediaType, media] = ['', undefined]] = Object.entries(content as Node);
  return { mediaType, schema: read((media as Node).schema), required: required === true };
}

/** The plan with the parts in place. Signatures and the hash of a pack belong to the body, and are made for it. */
export async function withOverlay(world: World, operation: Documented, plan: Plan, overlay: Overlay): Promise<Plan> {
  const laid: Plan = {
    ...plan,
    params: { ...plan.params, ...overlay.params },
    query: { ...plan.query, ...overlay.query },
    headers: { ...plan.headers, ...overlay.headers },
  };
  if (overlay.bytes !== undefined) return withBytes(world, operation, laid, overlay.bytes);
  if (overlay.fields === undefined) return laid;
  if (!plan.form) return { ...laid, json: { ...plan.json, ...overlay.fields } };
  const all = Object.entries({ ...plan.form, ...overlay.fields }).filter(([, value]) => value !== undefined);
  return { ...laid, form: Object.fromEntries(all) as Record<string, string> };
}

async function withBytes(world: World, operation: Documented, plan: Plan, text: string): Promise<Plan> {
  const body = Buffer.from(text);
  if (operation.id === 'receiveGithubPush') return signPush(world, world.main, text);
  if (signers[operation.id]) return (await signers[operation.id]?.(world, world.main, text)) ?? plan;
  return plan.params?.sha256 === undefined
    ? { ...plan, body }
    : { ...plan, body, params: { ...plan.params, sha256: sha256(body) } };
}

const isSigned = ({ operation }: Documented): boolean => operation['x-credentials'] === 'signature';

function fieldsOf(schema: Node): Arbitrary<Node> {
  const required = requiredOf(schema);
  const free = propertiesOf(schema).filter(([name]) => !LASTING.includes(name));
  const fields = free.map(([name, one]) => {
    const values = valuesOf(one);
    return [name, required.includes(name) ? values : fc.option(values, { nil: undefined })] as const;
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [], noNullPrototype: true });
}

function texts(operation: Documented, place: string): Arbitrary<Record<string, string>> {
  const all = operation.parameters.filter((one) => one.in === place && !LASTING.includes(String(one.name)));
  const made = all.map((one) => [String(one.name), parameterOf(place, read(one.schema))] as const);
  const some = fc.record(Object.fromEntries(made), { requiredKeys: [], noNullPrototype: true });
  return some as Arbitrary<Record<string, string>>;
}

function parameterOf(place: string, schema: Node): Arbitrary<string> {
  if (schema.type !== 'string') return valuesOf(schema).map(String);
  if (place !== 'header' || schema.pattern !== undefined) return textOf(schema);
  // Spaces around a value are not part of it (RFC 9110 §5.5).
  const ascii = fc.string({ minLength: 1, maxLength: Math.min(20, Number(schema.maxLength)) });
  return ascii.filter((text) => text.trim() === text);
}
