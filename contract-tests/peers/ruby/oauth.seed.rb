require 'oauth2'
require 'launchy'
oauth = OAuth2::Client.new(
"<client_id>",
"<secret_key>",
:authorize_url => "/oauth2/authorize",
:token_url => "/oauth2/access_token",
:site => "https://v1.continuityapp.ws/"
)
# Authorization "Code Flow"
Launchy.open(oauth.auth_code.authorize_url(redirect_uri: "urn:ietf:wg:oauth:2.0:oob", scope: 'build_requests_create,user'))
print "A browser window will open, please login with your account and grant access to this App to generate the authorization code. Once done, enter che generated code: "
code = gets.chomp
access_token = oauth.auth_code.get_token(code, redirect_uri: "urn:ietf:wg:oauth:2.0:oob")
# Authorization "Implicit Flow"
# redirect to(oauth.auth_code.authorize_url(redirect_uri: "http://hostname/oauth_redirect"))
# access_token = OAuth2::AccessToken.from_kvform(oauth, params)
require 'net/https'
http = Net::HTTP.new('https://v1.continuityapp.ws', 443)
http.use_ssl = true
http.start do |http|
request = Net::HTTP::Get.new("/whoami?oauth_token=#{access_token}")
request.basic_auth 'marco@continuityapp.com', '<api_key>'
response = http.request(request)
response.value
puts response.body
end
