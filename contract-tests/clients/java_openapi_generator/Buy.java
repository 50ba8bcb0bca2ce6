import com.continuityapp.client.ApiClient;
import com.continuityapp.client.ApiException;
import com.continuityapp.client.ApiResponse;
import com.continuityapp.client.api.DownloadTokensApi;
import com.continuityapp.client.api.DownloadsApi;
import com.continuityapp.client.api.PurchasesApi;
import com.continuityapp.client.model.DownloadUrl;
import com.continuityapp.client.model.DownloadUrlCreate;
import com.continuityapp.client.model.Purchase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

record Buy(ApiClient client, Scenario scenario, Seen seen) {
    private static final Pattern NEXT = Pattern.compile("[?&]cursor=([^&>]+)[^>]*>; *rel=\"next\"");

    void run() throws ApiException, IOException {
        download();
        refusal();
        list();
    }

    /** A download is a file, which is the caller's to delete. */
    private void download() throws ApiException, IOException {
        String token = mint(scenario.productId()).getDownloadToken();
        Path archive = new DownloadsApi(client).getDownloadArchive(token, null, null, null).toPath();
        seen.archiveSha256 = sha256(Files.readAllBytes(archive));
        Files.delete(archive);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void refusal() throws ApiException {
        try {
            mint(scenario.unknownProductId());
        } catch (ApiException refused) {
            if (refused.getErrorObject() == null) throw refused;
            seen.errorStatus = refused.getCode();
            seen.errorFields = refused.getErrorObject().getError();
        }
    }

    private DownloadUrl mint(String productId) throws ApiException {
        DownloadUrlCreate wanted = new DownloadUrlCreate().productId(productId).version(scenario.version());
        return new DownloadTokensApi(client).generateDownloadUrl(wanted, null);
    }

    private void list() throws ApiException {
        PurchasesApi purchases = new PurchasesApi(client);
        String cursor = null;
        do {
            ApiResponse<List<Purchase>> page = purchases.listPurchasesWithHttpInfo(
                scenario.pageSize(), cursor, null, null, null, null, null, null, null);
            for (Purchase purchase : page.getData()) seen.purchaseIds.add(purchase.getId());
            seen.pages++;
            cursor = nextCursor(page.getHeaders());
        } while (cursor != null);
    }

    /** The cursor of the `Link` header; null behind the last page. */
    private static String nextCursor(Map<String, List<String>> headers) {
        Matcher next = NEXT.matcher(String.join(",", headers.getOrDefault("link", List.of())));
        return next.find() ? next.group(1) : null;
    }
}
