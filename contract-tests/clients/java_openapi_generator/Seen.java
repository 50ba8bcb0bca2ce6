import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What it saw; the names are those of the JSON. */
final class Seen {
    String email;
    String userIdStr;
    String userId;
    String organisationId;
    int existingBefore;
    int existingAfter;
    String versionId;
    String status;
    boolean active;
    String archiveSha256;
    int errorStatus;
    Map<String, List<String>> errorFields;
    final List<String> purchaseIds = new ArrayList<>();
    int pages;
}
