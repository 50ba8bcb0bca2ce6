import { answerOf, type Answer } from './answer.ts';
import { type Body, bodyOf } from './body.ts';
import { type Node, type Operation, resolve } from './document.ts';
import { type Signature, signingOf } from './signing.ts';
import { type Text } from './text.ts';

/** What a sample does, before any language writes it. */
export interface SampleRequest {
  readonly method: string;
  /** Path and query are percent-encoded. */
  readonly url: Text;
  /** Without the media type of a form, which most libraries send by themselves. */
  readonly headers: readonly (readonly [string, Text])[];
  readonly body: Body | undefined;
  /** The body, a file, is signed first. */
  readonly signature: Signature | undefined;
  readonly answer: Answer;
}

export function requestOf(document: Node, operation: Operation): SampleRequest {
  const { node } = operation;
  const isSigned = node['x-credentials'] === 'signature';
  const { signature, headers = {}, query = [] } = isSigned ? signingOf(operation.id) : {};
  const parameters = ((node['parameters'] ?? []) as unknown[])
    .map((parameter) => resolve(document, parameter))
    .filter(({ required, name }) => required === true || query.includes(String(name)));
  const valuesIn = (place: string) =>
    parameters
      .filter((parameter) => parameter['in'] === place)
      .map((parameter) => [String(parameter['name']), exampleOf(document, parameter)] as const);
  const body = bodyOf(document, operation);
  return {
    method: operation.method,
    url: [{ env: 'CONTINUITY_URL' }, targetOf(operation.path, valuesIn('path'), valuesIn('query'))],
    headers: [
      ...credentialsOf(node),
      ...[...valuesIn('header'), ...Object.entries(headers)].map(([name, value]) => [name, [value]] as const),
      ...(body?.mediaType ? [['Content-Type', [body.mediaType]] as const] : []),
      ...(signature ? [[signature.header, signedText(signature)] as const] : []),
    ],
    body,
    signature,
    answer: answerOf(document, operation),
  };
}

type Values = readonly (readonly [string, string])[];

function exampleOf(document: Node, parameter: Node): string {
  const { example = resolve(document, parameter['schema'])['example'] } = parameter;
  if (example === undefined) throw new Error(`the parameter ${String(parameter['name'])} has no example`);
  return String(example);
}

function targetOf(path: string, inPath: Values, inQuery: Values): string {
  const filled = inPath.reduce((left, [name, value]) => left.replace(`{${name}}`, encodeURIComponent(value)), path);
  const query = inQuery.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  return query === '' ? filled : `${filled}?${query}`;
}

const TOKENS = [
  ['apiKey', 'CONTINUITY_API_KEY'],
  ['portalToken', 'CONTINUITY_PORTAL_TOKEN'],
  ['runnerToken', 'CONTINUITY_RUNNER_TOKEN'],
] as const;

function credentialsOf({ security }: Node): [string, Text][] {
  const requirements = (security ?? []) as Node[];
  const [, env] = TOKENS.find(([scheme]) => requirements.some((requirement) => scheme in requirement)) ?? [];
  return env === undefined ? [] : [['Authorization', ['Bearer ', { env }]]];
}

function signedText({ prefix, timed }: Signature): Text {
  const signed = [...(prefix === '' ? [] : [prefix]), { variable: 'signature' } as const];
  return timed ? ['t=', { variable: 'timestamp' }, ...signed] : signed;
}
