import com.continuityapp.client.ApiClient;
import com.continuityapp.client.ApiException;
import com.continuityapp.client.JSON;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** The scenario of client.ts on top of the client that openapi-generator makes. */
final class Main {
    public static void main(String[] args) throws ApiException, IOException, InterruptedException {
        ApiClient client = new ApiClient();
        Scenario scenario = JSON.getGson().fromJson(new InputStreamReader(System.in, StandardCharsets.UTF_8), Scenario.class);
        client.setBasePath(scenario.url());
        client.setBearerToken(scenario.apiKey());
        Seen seen = new Seen();
        new Publish(client, scenario, seen).run();
        new Buy(client, scenario, seen).run();
        System.out.println(JSON.getGson().toJson(seen));
    }
}
