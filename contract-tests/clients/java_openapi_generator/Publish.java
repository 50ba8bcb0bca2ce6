import com.continuityapp.client.ApiClient;
import com.continuityapp.client.ApiException;
import com.continuityapp.client.api.ManifestsApi;
import com.continuityapp.client.api.PacksApi;
import com.continuityapp.client.api.UsersApi;
import com.continuityapp.client.api.VersionsApi;
import com.continuityapp.client.model.ManifestCreate;
import com.continuityapp.client.model.PackCheck;
import com.continuityapp.client.model.User;
import com.continuityapp.client.model.Version;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

record Publish(ApiClient client, Scenario scenario, Seen seen) {
    private static final int POLL_MILLISECONDS = 100;

    void run() throws ApiException, IOException, InterruptedException {
        signIn();
        seen.existingBefore = existing();
        upload();
        seen.existingAfter = existing();
        Version version = active(create());
        seen.versionId = version.getId();
        seen.status = version.getStatus().getValue();
        seen.active = version.getActive();
    }

    private void signIn() throws ApiException {
        UsersApi users = new UsersApi(client);
        seen.email = users.getWhoami(null, null).getResponse().getEmail();
        User user = users.getUser(null, null).getResponse();
        seen.userId = Long.toString(user.getId());
        seen.userIdStr = user.getIdStr();
        seen.organisationId = user.getOrganisationId();
    }

    private int existing() throws ApiException {
        PackCheck check = new PackCheck().vendorId(seen.organisationId).addPackHashesItem(scenario.pack().sha256());
        return new PacksApi(client).checkPacks(check).getExisting().size();
    }

    private void upload() throws ApiException, IOException {
        Path pack = Files.createTempFile("pack-", "");
        try {
            Files.write(pack, Base64.getDecoder().decode(scenario.pack().base64()));
            File file = pack.toFile();
            new PacksApi(client).uploadPack(seen.organisationId, scenario.pack().sha256(), file);
        } finally {
            Files.delete(pack);
        }
    }

    private String create() throws ApiException {
        ManifestCreate manifest = new ManifestCreate()
            .vendorId(seen.organisationId)
            .productId(scenario.productId())
            .version(scenario.version())
            .productHash(scenario.productHash())
            .manifest(scenario.manifest());
        return new ManifestsApi(client).createManifest(manifest).getId();
    }

    private Version active(String versionId) throws ApiException, InterruptedException {
        VersionsApi versions = new VersionsApi(client);
        String productId = scenario.productId();
        while (versions.getVersion(productId, versionId, null, null).getStatus() == Version.StatusEnum.PROCESSING)
            Thread.sleep(POLL_MILLISECONDS);
        return versions.activateVersion(productId, versionId);
    }
}
