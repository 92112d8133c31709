package dev.openkcm.networking.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.openkcm.networking.cli.command.FakePlatform.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTreeTest {
    private static final String HEAD = "---\napiVersion: networking.OpenKCM.dev/v1alpha1\nkind: ";
    private static final String ESTATE =
            HEAD
                    + "Network\nmetadata: {name: a}\n"
                    + HEAD
                    + "Network\nmetadata: {name: b, namespace: shop}\n"
                    + HEAD
                    + "NetworkInterface\nmetadata: {name: web}\n"
                    + "spec: {networkRef: {name: a}, ips: [{value: 10.0.0.1}]}\n";

    private final FakePlatform platform;

    CommandTreeTest() throws Exception {
        platform = new FakePlatform();
    }

    @AfterEach
    void stop() {
        platform.close();
    }

    @Test
    void applySaysWhatBecameOfEachDocument() {
        assertThat(platform.run(ESTATE, "apply", "-f", "-"))
                .isEqualTo(
                        new Outcome(
                                0,
                                "network/a created\nnetwork/b created\nnetworkinterface/web created\n",
                                ""));
        assertThat(
                        platform.run(
                                ESTATE.replace("{name: a}\n", "{name: a, labels: {x: y}}\n"),
                                "apply",
                                "-f",
                                "-"))
                .isEqualTo(
                        new Outcome(
                                0,
                                "network/a configured\nnetwork/b unchanged\nnetworkinterface/web unchanged\n",
                                ""));
        assertThat(platform.requests)
                .contains("PUT /apis/networking.openkcm.dev/v1alpha1/namespaces/shop/networks/b");
    }

    @Test
    void aRefusedDocumentIsExplainedAndDoesNotStopTheOthers() {
        Outcome outcome =
                platform.run(
                        HEAD
                                + "NetworkInterface\nmetadata: {name: bad}\nspec: {wrong: 1}\n"
                                + ESTATE,
                        "apply",
                        "-f",
                        "-");

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out())
                .isEqualTo("network/a created\nnetwork/b created\nnetworkinterface/web created\n");
        assertThat(outcome.err())
                .isEqualTo(
                        """
                        networkinterface/bad rejected (standard input):
                          spec.wrong: FieldValueForbidden: unknown field
                          spec.networkRef: FieldValueRequired
                        """);
    }

    @Test
    void aServiceThatIsAwayIsNamedOnceAndTheOthersGetTheirDocuments() {
        Outcome outcome =
                platform.run(
                        HEAD
                                + "NetworkPolicy\nmetadata: {name: p}\n"
                                + HEAD
                                + "NetworkPolicy\nmetadata: {name: q}\n"
                                + ESTATE,
                        "apply",
                        "-f",
                        "-");

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).contains("network/a created");
        assertThat(outcome.err())
                .containsOnlyOnce("kcm up")
                .contains("networkpolicy/p not applied", "networkpolicy/q not applied");
    }

    @Test
    void aServiceThatIsNotReadyYetIsAskedAgain() {
        platform.notReady.set(2);

        assertThat(platform.run(ESTATE, "apply", "-f", "-").code()).isZero();
    }

    @Test
    void aCommandThatIsDecidedLateIsFollowed() {
        platform.undecided.set(3);

        assertThat(platform.run(HEAD + "Network\nmetadata: {name: a}\n", "apply", "-f", "-"))
                .isEqualTo(new Outcome(0, "network/a created\n", ""));
    }

    @Test
    void aDryRunIsUnderstoodAsKubectlSpellsIt() {
        String manifest = HEAD + "Network\nmetadata: {name: a}\n";

        assertThat(platform.run(manifest, "apply", "--dry-run=server", "-f", "-").out())
                .startsWith("network/a created (dry run)\n");
        assertThat(platform.run(manifest, "apply", "--dry-run=none", "-f", "-").out())
                .isEqualTo("network/a created\n");
    }

    @Test
    void aDryRunShowsTheEventsThatWouldFollow() {
        assertThat(
                        platform.run(
                                HEAD + "Network\nmetadata: {name: a}\n",
                                "apply",
                                "--dry-run",
                                "-f",
                                "-"))
                .isEqualTo(
                        new Outcome(
                                0,
                                "network/a created (dry run)\n  NetworkCreated labels={app:web}\n",
                                ""));
        assertThat(platform.run("", "get", "net").err())
                .isEqualTo("No resources found in namespace default.\n");
    }

    @Test
    void nothingToApplyIsAnError() {
        assertThat(platform.run("# empty\n", "apply", "-f", "-").code()).isEqualTo(1);
    }

    @Test
    void getPrintsATableOfAllPages() {
        platform.run(ESTATE, "apply", "-f", "-");

        assertThat(platform.run("", "get", "networks", "-A").out())
                .isEqualTo(
                        """
                        NAMESPACE   NAME   STATE       ID       PEERINGS   AGE
                        default     a      Available   <none>   <none>     10s
                        shop        b      Available   <none>   <none>     10s
                        """);
    }

    @Test
    void getPrintsNamesJsonAndYaml() {
        platform.run(ESTATE, "apply", "-f", "-");

        assertThat(platform.run("", "get", "net,nic", "-o", "name").out())
                .isEqualTo("network/a\nnetworkinterface/web\n");
        assertThat(platform.run("", "get", "network/a", "-o", "json").out())
                .startsWith(
                        "{\n  \"apiVersion\": \"networking.OpenKCM.dev/v1alpha1\",\n  \"kind\": \"Network\"");
        assertThat(platform.run("", "get", "nic", "web", "-o", "yaml").out())
                .contains(
                        "  ips:\n  - value: 10.0.0.1\n", "creationTimestamp: 2026-01-01T00:00:00Z");
    }

    @Test
    void getOfWhatIsNotThereFails() {
        assertThat(platform.run("", "get", "net", "nope"))
                .isEqualTo(
                        new Outcome(1, "", "error: network/nope not found in namespace default\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get pods",
                "get",
                "get net -o xml",
                "get net a -A",
                "apply --dry-run=perhaps -f -",
                "delete net",
                "delete net a --all",
                "delete net --all -l app=web",
                "delete --all",
                "delete -l app=web -f -",
                "wait net/a --for=",
                "describe net a -l app=web",
                "describe",
                "nonsense",
                "delete"
            })
    void whatIsNotUnderstoodFailsWithoutTouchingAnything(String line) {
        Outcome outcome = platform.run("", line.split(" ", -1));

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).isNotBlank();
        assertThat(platform.requests).isEmpty();
    }

    @Test
    void describeShowsSectionsAndHistory() {
        platform.run(ESTATE, "apply", "-f", "-");

        assertThat(platform.run("", "describe", "net/a").out())
                .contains(
                        "Name:         a\n",
                        "Namespace:    default\n",
                        "Labels:       <none>\n",
                        "Status:\n  state: Available\n")
                .endsWith(
                        """
                        Events:
                          SEQUENCE   AGE   TYPE             CAUSED-BY   DATA
                          1          5s    NetworkCreated   c1          peerings=[{name:p}]
                        """);
    }

    @Test
    void deleteSaysWhatIsGone() {
        platform.run(ESTATE, "apply", "-f", "-");

        assertThat(platform.run("", "delete", "net", "a"))
                .isEqualTo(new Outcome(0, "network/a deleted\n", ""));
        assertThat(platform.run("", "delete", "net", "a"))
                .isEqualTo(new Outcome(1, "", "error: network/a not found\n"));
        assertThat(platform.run("", "delete", "net", "a", "--ignore-not-found").code()).isZero();
        assertThat(platform.run(ESTATE, "delete", "-f", "-").out())
                .isEqualTo("network/b deleted\nnetworkinterface/web deleted\n");
    }

    @Test
    void deleteTakesAllOfAKindOrWhatLabelsSelect() {
        platform.run(ESTATE, "apply", "-f", "-");

        assertThat(platform.run("", "delete", "net", "-l", "app=web").out())
                .isEqualTo("network/a deleted\n");
        assertThat(platform.requests).anyMatch(r -> r.contains("labelSelector=app%3Dweb"));
        assertThat(platform.run("", "delete", "nic", "--all").out())
                .isEqualTo("networkinterface/web deleted\n");
        assertThat(platform.run("", "delete", "nic", "--all"))
                .isEqualTo(new Outcome(0, "", "No resources found in namespace default.\n"));
    }

    @Test
    void waitTakesAllOfAKindOrWhatLabelsSelect() {
        platform.run(ESTATE, "apply", "-f", "-");

        assertThat(platform.run("", "wait", "net", "-l", "app=web", "--for=state=Available").out())
                .isEqualTo("network/a condition met\n");
        assertThat(platform.run("", "wait", "nic", "--all", "--for=state=Available").out())
                .isEqualTo("networkinterface/web condition met\n");
        platform.run("", "delete", "nic", "web");
        assertThat(platform.run("", "wait", "nic", "--all", "--for=delete").code()).isZero();
        assertThat(platform.run("", "wait", "nic", "--all", "--for=state=Available").code())
                .isEqualTo(1);
    }

    @Test
    void waitReturnsAtOnceWhenItIsSo() {
        platform.run(ESTATE, "apply", "-f", "-");

        assertThat(platform.run("", "wait", "net/a", "--for=state=Available").out())
                .isEqualTo("network/a condition met\n");
        assertThat(platform.run("", "wait", "net/gone", "--for=delete").out())
                .isEqualTo("network/gone deleted\n");
        assertThat(
                        platform.run(
                                        "",
                                        "wait",
                                        "net/a",
                                        "--for=status.state=Error",
                                        "--timeout=0s")
                                .err())
                .isEqualTo(
                        "error: timed out waiting for status.state=Error on network/a (Available)\n");
    }

    @Test
    void helpNamesEveryVerb() {
        assertThat(platform.run("", "--help").out())
                .contains(
                        "up",
                        "down",
                        "status",
                        "logs",
                        "demo",
                        "apply",
                        "get",
                        "describe",
                        "delete",
                        "wait",
                        "events",
                        "explain",
                        "version");
    }
}
