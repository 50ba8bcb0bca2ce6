import type { Answer } from './answer.ts';
import type { Body } from './body.ts';
import { literal, type Notation } from './literal.ts';
import type { SampleRequest } from './request.ts';
import type { Signature } from './signing.ts';
import type { Text } from './text.ts';

export function ruby({ method, url, headers, body, signature, answer }: SampleRequest): string {
  if (answer.kind === 'page') return `puts ${text(['Open ', ...url, ' in a browser'])}`;
  return [
    ...importsOf(body, signature, answer),
    ...(signature && body?.kind === 'file' ? signed(signature, body.name) : []),
    `uri = URI(${text(url)})`,
    `request = Net::HTTP::${method[0]}${method.slice(1).toLowerCase()}.new(uri)`,
    ...headers.map(([name, value]) => `request["${name}"] = ${text(value)}`),
    ...(signature ? ['request.body = body'] : bodyOf(body)),
    '',
    'Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https") do |http|',
    '  http.request(request) do |response|',
    '    abort "#{response.code} #{response.read_body}" unless response.is_a?(Net::HTTPSuccess)',
    ...read(answer).map((line) => `    ${line}`),
    '  end',
    'end',
  ].join('\n');
}

function importsOf(body: Body | undefined, signature: Signature | undefined, answer: Answer): string[] {
  const parses = body?.kind === 'json' || ['json', 'events'].includes(answer.kind);
  const names = [...(parses ? ['json'] : []), 'net/http', ...(signature ? ['openssl'] : [])];
  return [...names.map((name) => `require "${name}"`), ''];
}

function bodyOf(body: Body | undefined): string[] {
  switch (body?.kind) {
    case undefined:
      return [];
    case 'form':
      return [`request.set_form_data(${literal(body.fields, notation)})`];
    case 'json':
      return [`request.body = JSON.generate(${literal(body.value, notation)})`];
    case 'file':
      return [`request.body = File.binread("${body.name}")`];
  }
}

function signed({ encoding, timed }: Signature, file: string): string[] {
  const content = timed ? '"#{timestamp}.#{body}"' : 'body';
  const digest = encoding === 'hex' ? 'OpenSSL::HMAC.hexdigest' : '[OpenSSL::HMAC.digest';
  const signature = `${digest}("SHA256", ENV.fetch("WEBHOOK_SECRET"), ${content})`;
  return [
    `body = File.binread("${file}")`,
    ...(timed ? ['timestamp = Time.now.to_i'] : []),
    `signature = ${signature}${encoding === 'hex' ? '' : '].pack("m0")'}`,
    '',
  ];
}

function read(answer: Answer): string[] {
  switch (answer.kind) {
    case 'file':
      return [
        `File.open("${answer.name}", "wb") do |file|`,
        '  response.read_body { |chunk| file.write(chunk) }',
        'end',
      ];
    case 'events':
      return [
        'rest = +""',
        'response.read_body do |chunk|',
        '  rest << chunk',
        '  while (line = rest.slice!(/.*\\n/))',
        '    p JSON.parse(line) unless line == "\\n"',
        '  end',
        'end',
      ];
    case 'log':
      return ['response.read_body { |chunk| print chunk }'];
    case 'json':
      return ['p JSON.parse(response.read_body)'];
    default:
      return ['puts response.code'];
  }
}

function text(parts: Text): string {
  const [first = ''] = parts;
  if (parts.length === 1 && typeof first !== 'string') return 'env' in first ? fetched(first.env, '"') : first.variable;
  const written = parts.map((part) => {
    if (typeof part === 'string') return quoted(part).slice(1, -1);
    return `#{${'env' in part ? fetched(part.env, "'") : part.variable}}`;
  });
  return `"${written.join('')}"`;
}

const fetched = (name: string, quote: string): string => `ENV.fetch(${quote}${name}${quote})`;

/** `#` begins an interpolation where `{`, `$` or `@` comes next. */
const quoted = (value: string): string => JSON.stringify(value).replaceAll(/#(?=[{$@])/g, '\\#');

const notation: Notation = {
  null: 'nil',
  true: 'true',
  false: 'false',
  text: quoted,
  key: (name) => (/^[A-Za-z_]\w*$/.test(name) ? `${name}: ` : `${quoted(name)}: `),
  object: { open: '{', close: '}', pad: ' ' },
  list: { open: '[', close: ']', pad: '' },
  emptyObject: '{}',
  indent: '  ',
  trailingComma: false,
};
