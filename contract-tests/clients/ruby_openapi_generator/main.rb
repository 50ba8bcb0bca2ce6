# frozen_string_literal: true

require 'continuity_client'
require 'json'
require 'uri'
require_relative 'buy'
require_relative 'publish'

# The scenario of client.ts on top of the client that openapi-generator makes.
scenario = JSON.parse($stdin.read, symbolize_names: true)
server = URI(scenario[:url])
config = ContinuityClient::Configuration.new do |settings|
  settings.scheme = server.scheme
  settings.host = "#{server.host}:#{server.port}"
  settings.access_token = scenario[:apiKey]
end
client = ContinuityClient::ApiClient.new(config)
puts JSON.generate(**Publish.new(client, scenario).run, **Buy.new(client, scenario).run)
