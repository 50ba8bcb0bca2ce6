# frozen_string_literal: true

# Signs in, stores the pack and makes an active version of it.
class Publish
  POLL_SECONDS = 0.1

  def initialize(client, scenario)
    @scenario = scenario
    @users = ContinuityClient::UsersApi.new(client)
    @packs = ContinuityClient::PacksApi.new(client)
    @manifests = ContinuityClient::ManifestsApi.new(client)
    @versions = ContinuityClient::VersionsApi.new(client)
  end

  def run
    email = @users.get_whoami.response.email
    user = @users.get_user.response
    @organisation_id = user.organisation_id
    {
      email: email,
      userIdStr: user.id_str,
      userId: user.id.to_s,
      organisationId: @organisation_id,
      **stored,
      **activated(created)
    }
  end

  private

  def stored
    before = existing
    sha256, base64 = @scenario[:pack].values_at(:sha256, :base64)
    @packs.upload_pack(@organisation_id, sha256, base64.unpack1('m'))
    { existingBefore: before, existingAfter: existing }
  end

  def existing
    check = ContinuityClient::PackCheck.new(
      vendor_id: @organisation_id,
      pack_hashes: [@scenario[:pack][:sha256]]
    )
    @packs.check_packs(check).existing.length
  end

  def created
    manifest = ContinuityClient::ManifestCreate.new(
      vendor_id: @organisation_id,
      product_id: @scenario[:productId],
      version: @scenario[:version],
      product_hash: @scenario[:productHash],
      manifest: ContinuityClient::Manifest.build_from_hash(@scenario[:manifest])
    )
    @manifests.create_manifest(manifest).id
  end

  def activated(version_id)
    product_id = @scenario[:productId]
    sleep POLL_SECONDS while @versions.get_version(product_id, version_id).status == 'processing'
    version = @versions.activate_version(product_id, version_id)
    { versionId: version.id, status: version.status, active: version.active }
  end
end
