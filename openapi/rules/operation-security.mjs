const CUSTOMER = '[{"portalToken":[]}]';
const RUNNER = '[{"runnerToken":[]}]';
const KEYS = '[{"apiKey":[]},{"basic":[]}]';

/** Public or not is said on each operation, never inherited; where a token may act, its scope is named. */
export default () => ({
  Operation({ operationId, security }, { report, location }) {
    if (!Array.isArray(security)) {
      report({
        message: `${operationId} has no security. List oauth2, oauthToken, apiKey and basic, or write security: [] if it is public.`,
        location,
      });
      return;
    }
    if (security.length === 0 || [KEYS, CUSTOMER, RUNNER].includes(JSON.stringify(security))) return;
    const [oauth2, ...rest] = security;
    const scoped = Array.isArray(oauth2?.oauth2) && oauth2.oauth2.length > 0;
    if (scoped && JSON.stringify([{ oauthToken: [] }, ...JSON.parse(KEYS)]) === JSON.stringify(rest)) return;
    report({
      message: `${operationId} must list oauth2: [a scope], oauthToken: [], apiKey: [] and basic: [], the last two only where no access token may act, or portalToken: [] alone where it acts for a customer, or runnerToken: [] alone where it acts for a runner.`,
      location: location.child('security'),
    });
  },
});
