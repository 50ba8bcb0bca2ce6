import type { Body } from './body.ts';
import { literal, type Notation } from './literal.ts';
import type { SampleRequest } from './request.ts';
import type { Signature } from './signing.ts';
import type { Text } from './text.ts';

export function curl({ method, url, headers, body, signature, answer }: SampleRequest): string {
  if (answer.kind === 'page') return `echo ${text(['Open ', ...url, ' in a browser'])}`;
  const options = [
    // -f writes no file when it fails, and says the status.
    answer.kind === 'file' ? `-f -o ${answer.name}` : '--fail-with-body',
    ...(['events', 'log'].includes(answer.kind) ? ['-N'] : []),
    ...(method === impliedBy(body) ? [] : [`-X ${method}`]),
  ];
  const lines = [
    `curl ${options.join(' ')} ${text(url)}`,
    ...headers.map(([name, value]) => `-H ${text([`${name}: `, ...value])}`),
    ...bodyOf(body),
  ];
  return [...(signature ? signed(signature) : []), lines.join(' \\\n  ')].join('\n');
}

/** Bytes are sent by -T, which reads the file bit by bit. */
const isUpload = ({ mediaType }: Body): boolean => mediaType === 'application/octet-stream';

/** The method that curl takes by itself. */
function impliedBy(body: Body | undefined): string {
  if (!body) return 'GET';
  return isUpload(body) ? 'PUT' : 'POST';
}

function bodyOf(body: Body | undefined): string[] {
  switch (body?.kind) {
    case undefined:
      return [];
    case 'form':
      return Object.entries(body.fields).map(([name, value]) => `--data-urlencode ${text([`${name}=${value}`])}`);
    case 'json':
      return [`-d ${text([literal(body.value, json, 1)])}`];
    case 'file':
      return [isUpload(body) ? `-T ${body.name}` : `--data-binary @${body.name}`];
  }
}

function signed({ encoding, timed }: Signature): string[] {
  const digest = 'openssl dgst -sha256 -hmac "$WEBHOOK_SECRET"';
  const [output, form] = encoding === 'hex' ? ['-r', "cut -d ' ' -f 1"] : ['-binary', 'base64'];
  if (!timed) return [`signature=$(${digest} ${output} event.json | ${form})`];
  const content = `printf '%s.' "$timestamp" | cat - event.json`;
  return ['timestamp=$(date +%s)', `signature=$(${content} |\n  ${digest} ${output} | ${form})`];
}

/** In single quotes, or in double ones where variables are to be filled in. */
function text(parts: Text): string {
  if (parts.every((part) => typeof part === 'string')) return `'${parts.join('').replaceAll("'", `'\\''`)}'`;
  const written = parts.map((part) => {
    if (typeof part === 'string') return part.replaceAll(/["$`\\]/g, '\\$&');
    return `$${'env' in part ? part.env : part.variable}`;
  });
  return `"${written.join('')}"`;
}

const json: Notation = {
  null: 'null',
  true: 'true',
  false: 'false',
  text: (value) => JSON.stringify(value),
  key: (name) => `${JSON.stringify(name)}: `,
  object: { open: '{', close: '}', pad: '' },
  list: { open: '[', close: ']', pad: '' },
  emptyObject: '{}',
  indent: '  ',
  trailingComma: false,
};
