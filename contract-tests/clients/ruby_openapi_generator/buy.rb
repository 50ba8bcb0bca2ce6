# frozen_string_literal: true

require 'digest'
require 'json'

# Downloads the version, is refused an unknown product and reads the list of purchases.
class Buy
  NEXT_CURSOR = /[?&]cursor=([^&>]+)[^>]*>; *rel="next"/

  def initialize(client, scenario)
    @scenario = scenario
    @tokens = ContinuityClient::DownloadTokensApi.new(client)
    @downloads = ContinuityClient::DownloadsApi.new(client)
    @purchases = ContinuityClient::PurchasesApi.new(client)
  end

  def run
    { archiveSha256: archive_sha256, **refusal, **listed }
  end

  private

  # A download is a file, which is the caller's to delete.
  def archive_sha256
    archive = @downloads.get_download_archive(mint(@scenario[:productId]).download_token)
    Digest::SHA256.file(archive.path).hexdigest
  ensure
    archive&.unlink
  end

  # The client leaves the body of a refusal as text; the model for it is there.
  def refusal
    mint(@scenario[:unknownProductId])
    raise 'the unknown product was not refused'
  rescue ContinuityClient::ApiError => e
    body = JSON.parse(e.response_body, symbolize_names: true)
    { errorStatus: e.code, errorFields: ContinuityClient::ErrorBody.build_from_hash(body).error }
  end

  def mint(product_id)
    wanted = ContinuityClient::DownloadUrlCreate.new(product_id: product_id, version: @scenario[:version])
    @tokens.generate_download_url(wanted)
  end

  def listed
    ids = []
    pages = 0
    cursor = nil
    loop do
      page, _status, headers = @purchases.list_purchases_with_http_info(limit: @scenario[:pageSize], cursor: cursor)
      ids.concat(page.map(&:id))
      pages += 1
      cursor = headers['Link'].to_s[NEXT_CURSOR, 1]
      break unless cursor
    end
    { purchaseIds: ids, pages: pages }
  end
end
