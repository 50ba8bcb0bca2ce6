require 'net/https'
http = Net::HTTP.new('https://v1.continuityapp.ws', 443)
http.use_ssl = true
http.start do |http|
request = Net::HTTP::Get.new('/whoami')
request.basic_auth 'marco@continuityapp.com', '<api_key>'
response = http.request(request)
response.value
puts response.body
end
