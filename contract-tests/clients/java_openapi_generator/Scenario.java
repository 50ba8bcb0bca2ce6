import com.continuityapp.client.model.Manifest;

/** What the program is told. */
record Scenario(
    String url,
    String apiKey,
    String productId,
    String version,
    Pack pack,
    Manifest manifest,
    String productHash,
    String unknownProductId,
    int pageSize) {

    record Pack(String sha256, String base64) {}
}
