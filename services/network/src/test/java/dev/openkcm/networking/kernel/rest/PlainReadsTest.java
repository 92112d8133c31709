package dev.openkcm.networking.kernel.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;

import dev.openkcm.networking.kernel.test.RealStack;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The short way to a document answers as the long one does, and leaves to it what is not plain. */
@QuarkusTest
@QuarkusTestResource(RealStack.class)
class PlainReadsTest {

    private static final String API = "/apis/networking.openkcm.dev/v1alpha1";
    private static final String PATH = API + "/namespaces/plain/networks/read";

    /** Means the same to REST, and is more than the short way looks at. */
    private static final String LONG_WAY = "application/json, */*;q=0.1";

    @Inject PlainReads reads;

    @TestHTTPResource("/")
    URI server;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void aNetwork() {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> given().get("/q/health/ready").then().statusCode(200));
        given().header("Prefer", "wait=20")
                .contentType("application/json")
                .body(
                        """
                        {"apiVersion": "networking.OpenKCM.dev/v1alpha1", "kind": "Network",
                         "metadata": {"labels": {"b": "2", "a": "1"},
                                      "annotations": {"said": "\\"Grüße\\",\\n\\u0001"}},
                         "spec": {"peerings": [{"name": "p", "networkRef": "other"}]}}
                        """)
                .put(PATH);
        await().atMost(Duration.ofSeconds(20)).until(() -> reads.document(PATH) != null);
    }

    private HttpResponse<String> get(String path, String... headers)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(server.resolve(path));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static void same(HttpResponse<String> quick, HttpResponse<String> thorough) {
        assertThat(quick.statusCode()).isEqualTo(thorough.statusCode());
        assertThat(quick.headers().map()).isEqualTo(thorough.headers().map());
        assertThat(quick.body()).isEqualTo(thorough.body());
    }

    @Test
    void bothWaysGiveTheSameAnswer() throws Exception {
        var quick = get(PATH);
        assertThat(quick.statusCode()).isEqualTo(200);
        same(quick, get(PATH, "Accept", LONG_WAY));
        same(get(PATH, "Accept", "application/json"), quick);
        same(get(PATH, "Accept", "*/*"), quick);

        String tag = quick.headers().firstValue("ETag").orElseThrow();
        var known = get(PATH, "If-None-Match", tag);
        assertThat(known.statusCode()).isEqualTo(304);
        same(known, get(PATH, "If-None-Match", tag, "Accept", LONG_WAY));
        same(get(PATH, "If-None-Match", "\"0\""), quick);
    }

    @Test
    void whatIsNotPlainIsLeftToTheLongWay() throws Exception {
        assertThat(reads.document(API + "/namespaces/plain/networks")).isNull();
        assertThat(reads.document(API + "/namespaces/plain/networks/none")).isNull();
        assertThat(reads.document(API + "/namespaces/plain/others/read")).isNull();
        assertThat(reads.document(API + "/networks/read")).isNull();
        assertThat(reads.document(API + "/networks/plain/read")).isNull();
        for (String more : new String[] {"/events", "/", "?minResourceVersion=1", ";a=b", "%20"}) {
            assertThat(reads.document(PATH + more)).as(more).isNull();
        }
        assertThat(get(PATH, "Accept", "application/yaml").statusCode()).isEqualTo(406);
        assertThat(get(PATH + "?minResourceVersion=1").statusCode()).isEqualTo(200);
        assertThat(get(PATH + "?asOf=2020-01-01T00:00:00Z").statusCode()).isEqualTo(404);
        assertThat(get(PATH.replace("read", "none")).statusCode()).isEqualTo(404);
        assertThat(get(PATH.replace("openkcm.dev", "OpenKCM.dev")).body())
                .isEqualTo(get(PATH).body());
    }

    @Test
    void aChangeIsInTheNextAnswer() throws Exception {
        String before = get(PATH).headers().firstValue("ETag").orElseThrow();
        String after =
                given().header("Prefer", "wait=20")
                        .contentType("application/json")
                        .body(
                                """
                                {"apiVersion": "networking.OpenKCM.dev/v1alpha1",
                                 "kind": "Network", "spec": {"peerings": []}}
                                """)
                        .put(PATH)
                        .then()
                        .statusCode(200)
                        .extract()
                        .header("ETag");
        assertThat(after).isNotEqualTo(before);
        var now = get(PATH);
        assertThat(now.headers().firstValue("ETag")).contains(after);
        assertThat(now.body()).doesNotContain("Grüße");
    }

    @Test
    void bothWaysAreCountedAlike() throws Exception {
        assertThat(get(PATH).statusCode()).isEqualTo(200);
        String ok = "status=\"200\",uri=\"";
        given().get("/q/metrics")
                .then()
                .statusCode(200)
                .body(containsString(ok + API + "/namespaces/{namespace}/{plural}/{name}\""))
                .body(not(containsString(ok + PATH)));
    }
}
