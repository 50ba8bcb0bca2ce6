interface About {
  readonly url: string;
  readonly email: string;
  readonly product: string;
  readonly version: string;
}

/** What only the first start can tell: the secrets, of which hashes are kept. */
export function firstWords({ url, email }: About, { password, apiKey }: { password: string; apiKey: string }): string {
  return `
Sign in on ${url}/dashboard
  E-mail address: ${email}
  Password (shown once): ${password}
  API key (shown once): ${apiKey}`;
}

export function wordsOnRestart({ url, email }: About): string {
  return `
Sign in on ${url}/dashboard
  E-mail address: ${email}
  Password and API key: those that the first start showed
  Another password: npx continuity user link --email ${email}
  Another API key, which ends the old one: ${url}/dashboard/settings/api-key`;
}

/** Lines to paste. */
export function instructions({ url, product, version }: About, key: string): string {
  const body = JSON.stringify({ productId: product, version });
  const mint = `curl -s -X POST ${url}/api/generate-download-url -H "Authorization: Bearer ${key}" -H 'Content-Type: application/json' -d '${body}'`;
  return `
Continuity is ready on ${url}

Mint a download URL:
  ${mint}

Download it:
  curl -OJ "$(${mint} | sed 's/.*"downloadUrl":"\\([^"]*\\)".*/\\1/')"
`;
}
