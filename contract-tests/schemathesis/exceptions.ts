/**
 * Everything that is not left to Schemathesis, by the name that hooks.py reports each use under. A run in which one of
 * them was not needed fails, so that the list stays as short as it can be; of those in RARE only some seeds have need.
 * No operation, check or phase is switched off.
 */
export const EXCEPTIONS: Readonly<Record<string, string>> = {
  fixtures:
    'Ids in paths, required references and tokens are of things that are there; a quarter of the fuzzed cases keeps its own.',
  unique:
    'Along links, names that may be there once are new, and no Idempotency-Key is sent: Hypothesis plays a scenario again and ends the phase where it goes otherwise.',
  signed: 'Bodies for webhooks are signed as the vendor would, else all of them end at 401.',
  raw: 'The path of an upload names the SHA-256 of its bytes, and there is one at least: generators take a binary schema without bounds only.',
  whole:
    'A manifest must agree with its hashes and the packs that are stored, an OAuth2 form with a code or a token that was issued: no schema can say that, so that valid bodies are ours.',
  branch: 'The users, product and version that all other requests stand on are not changed or removed.',
  follow:
    '`follow=false` ends a firehose; one that goes on has no answer to judge. It is followed by `npm run test:flows`.',
  cursor:
    'A cursor is opaque, and a firehose goes on behind an event: those that are valid are those that the server gave.',
  lists: 'Along links a GET has no optional parameters: links point into JSON, and into lists that are not empty.',
  period: '`period` stands for `from` and `to`, and is refused beside them.',
  order: '`from` must not be after `to` nor long before it, and no calendar has a year 0.',
  currency: 'An amount and its currency need each other (OpenAPI 3.0 has no `dependentRequired`).',
  secret: "Whether a vendor's secret is given or made here depends on the vendor in the path.",
  clock:
    'A link expires in the future, within a day, and a purchase was made in the past: what is valid depends on the clock.',
  choice:
    'A runner reports an exit code or a failure, a commit or an error (a union without a name breaks generators).',
  blank: 'A name or a command is more than spaces; all failing fields are told together, so that it is no pattern.',
  grammar:
    'Repository URLs, branches, refs, redirect URIs, paths and names of variables follow grammars that take a parser, and what they break is told with all other fields.',
  client: 'A client must be there, and its redirect URI is one that it registered.',
  conditional:
    'negative_data_rejection: `If-None-Match`, `If-Range` and `Range` that make no sense are ignored, as RFC 9110 (13.1, 14.2) says; their maximum length is there for who stores them.',
  too_large:
    'status_code_conformance: headers beyond 16 KiB are answered 431 by the HTTP server below all operations, and only a request that is wrong on purpose has so many.',
  revoked: 'use_after_free: a download token that was deleted is revoked, and stays to be read as such.',
};

export const RARE: readonly string[] = ['blank', 'branch', 'revoked', 'too_large'];
