// A page on an origin of its own, with no server behind it: RFC 6749 §4.2. `settings.js` is made by the run.
const { site, clientId } = window.settings;
const redirectUri = location.origin + location.pathname;
const show = (id, text) => (document.getElementById(id).textContent = text);

window.my_json_function = (answer) => show('called', JSON.stringify(answer));

async function ask(token) {
  const answer = await fetch(`${site}/whoami`, { headers: { Authorization: `Bearer ${token}` } });
  return `${answer.status} ${answer.headers.get('Request-Id') ? 'with' : 'without'} id ${await answer.text()}`;
}

function callback(token) {
  const script = document.createElement('script');
  script.src = `${site}/whoami?${new URLSearchParams({ callback: 'my_json_function', oauth_token: token, _: Date.now() })}`;
  document.body.append(script);
}

async function answered(fragment) {
  history.replaceState(null, '', redirectUri);
  const { access_token: token, state, ...rest } = Object.fromEntries(new URLSearchParams(fragment));
  const mine = state === sessionStorage.getItem('state');
  show('answered', JSON.stringify({ ...rest, mine, token: token !== undefined }));
  if (!mine || token === undefined) return;
  callback(token);
  show('fetched', await ask(token));
  show('refused', await ask('cto_wrong'));
}

function offer() {
  const state = crypto.randomUUID();
  sessionStorage.setItem('state', state);
  const query = { response_type: 'token', client_id: clientId, redirect_uri: redirectUri, scope: 'user', state };
  document.getElementById('start').href = `${site}/oauth2/authorize?${new URLSearchParams(query)}`;
}

if (location.hash.length > 1) answered(location.hash.slice(1));
else offer();
