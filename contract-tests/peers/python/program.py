"""A confidential client: code + PKCE with requests-oauthlib, authenticated by HTTP Basic at the token endpoint.

Prints the address to open, waits for the browser on the redirect URI, and prints what /whoami answers.
"""
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

site = os.environ["CONTINUITY_SITE"]
client_id, client_secret = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
port = int(os.environ["CALLBACK_PORT"])
redirect_uri = f"http://127.0.0.1:{port}/callback"
# oauthlib wants https everywhere, also of a redirect URI that never leaves the machine.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

session = OAuth2Session(client_id, redirect_uri=redirect_uri, scope=["user", "products"])
verifier = session._client.create_code_verifier(64)
challenge = session._client.create_code_challenge(verifier, "S256")
url, state = session.authorization_url(
    f"{site}/oauth2/authorize", code_challenge=challenge, code_challenge_method="S256"
)


class Callback(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.answer = f"http://127.0.0.1:{port}{self.path}"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"You may close this window.")

    def log_message(self, *args):
        pass


with HTTPServer(("127.0.0.1", port), Callback) as server:
    print(f"Open {url} in your browser.", flush=True)
    server.handle_request()
    answer = server.answer

token = session.fetch_token(
    f"{site}/oauth2/access_token",
    authorization_response=answer,
    auth=HTTPBasicAuth(client_id, client_secret),
    include_client_id=False,
    code_verifier=verifier,
)
print("scope", " ".join(sorted(token["scope"])), "expires", "expires_in" in token)
who = session.get(f"{site}/whoami")
print(who.status_code, who.text)
products = session.get(f"{site}/api/products")
print(products.status_code, products.text)
sold = session.get(f"{site}/api/downloads/tokens")
print(sold.status_code, sold.text)
