import type { Node } from '../../src/docs/samples/document.ts';
import { type Documented, resolve } from '../../src/testing/document.ts';
import type { Plan } from '../recipes/plan.ts';

/** The plan, with what the example of the document says beyond it. */
export function withExample({ operation }: Documented, plan: Plan): Plan {
  const { content = {} } = resolve(operation['requestBody'] ?? {}) as { content?: Record<string, Node> };
  const [example] = Object.values(content).map((media) => media['example'] as Record<string, string> | undefined);
  if (example === undefined) return plan;
  return plan.form ? { ...plan, form: { ...example, ...plan.form } } : { ...plan, json: { ...example, ...plan.json } };
}

/** A document of this operation alone, whose examples are what the plan says. */
export function filled(document: Node, { method, path, operation, parameters }: Documented, plan: Plan): Node {
  const values: Readonly<Record<string, string>> = { ...plan.params, ...plan.query, ...plan.headers };
  const named = parameters.map((parameter) => {
    const value = values[String(parameter['name'])];
    return value === undefined ? parameter : { ...parameter, required: true, example: value };
  });
  const body = plan.form ?? plan.json;
  const { content = {}, ...requestBody } = resolve(operation['requestBody'] ?? {}) as { content?: Node };
  const media = Object.entries(content as Record<string, Node>).map(
    ([type, one]) => [type, body === undefined ? one : { ...one, example: body }] as const,
  );
  const sent = media.length > 0 ? { requestBody: { ...requestBody, content: Object.fromEntries(media) } } : {};
  return { ...document, paths: { [path]: { [method]: { ...operation, ...sent, parameters: named } } } };
}
