package dev.openkcm.networking.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.openkcm.networking.deploy.ComponentStatus.State;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevStackTest {
    private static final ServiceDefinition NOT_BUILT =
            new ServiceDefinition("not-built", "services/not-built", 1, 0);

    @TempDir private Path home;

    private final List<String> heard = new ArrayList<>();
    private StackPorts ports = new StackPorts(0, 0, 0);
    private DevStack stack = new DevStack(Path.of("unset"), new Recorder());

    private final class Recorder implements StackListener {
        @Override
        public void note(String message) {
            heard.add(message);
        }

        @Override
        public void starting(String component) {
            heard.add(component + " starting");
        }

        @Override
        public void ready(String component, int port, Duration took) {
            heard.add(component + " ready");
        }

        @Override
        public void stopped(String component) {
            heard.add(component + " stopped");
        }
    }

    @BeforeEach
    void layOut() throws Exception {
        Files.createDirectories(home.resolve("deploy/target"));
        Files.createSymbolicLink(
                home.resolve("deploy/target/stack"), StackLocation.find().directory());
        List<Integer> free = Ports.free(3);
        ports = new StackPorts(free.get(0), free.get(1), free.get(2));
        stack = new DevStack(home, ports, List.of(NOT_BUILT), new Recorder());
    }

    @AfterEach
    void leaveNothingRunning() {
        stack.down();
    }

    @Test
    void startsOnceRepairsWhatDiedAndStopsEverything() throws Exception {
        assertThat(stack.up(false)).isTrue();
        assertThat(states()).containsExactly(State.READY, State.READY, State.NOT_BUILT);
        assertThat(stack.up(false)).as("up when it is up").isFalse();

        ProcessHandle broker = stack.folder().pidFile("broker").process().orElseThrow();
        Processes.kill(List.of(broker));
        assertThat(states()).containsExactly(State.DIED, State.READY, State.NOT_BUILT);
        heard.clear();
        assertThat(stack.up(false)).isTrue();
        assertThat(heard)
                .containsExactly(
                        "broker ended without being told to; starting it again.",
                        "broker starting",
                        "broker ready");

        // A lost pid file must not turn a process into one that nobody stops.
        stack.folder().pidFile("registry").delete();
        heard.clear();
        assertThat(stack.down()).isTrue();
        assertThat(heard).containsExactly("registry stopped", "broker stopped");
        assertThat(states()).containsExactly(State.STOPPED, State.STOPPED, State.NOT_BUILT);
        assertThat(stack.down()).isFalse();
        assertThat(Ports.taken(ports.broker())).isFalse();
    }

    @Test
    void namesWhoHoldsAPortBeforeAnythingIsStarted() throws Exception {
        try (ServerSocket _ =
                new ServerSocket(ports.registry(), 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> stack.up(false))
                    .isInstanceOf(StackException.class)
                    .hasMessageContaining(
                            "Port " + ports.registry() + " is needed by the registry but is taken")
                    .satisfies(problem -> {
                        if (Files.isDirectory(Path.of("/proc/self/fd"))) {
                            assertThat(problem)
                                    .hasMessageContaining("pid " + ProcessHandle.current().pid());
                        }
                    });
        }
        assertThat(heard).isEmpty();
        assertThat(states()).containsExactly(State.STOPPED, State.STOPPED, State.NOT_BUILT);
    }

    @Test
    void stateWithoutTheLogItCameFromIsForgotten() throws Exception {
        Path state = Files.createDirectories(home.resolve(".kcm/state/network-0"));
        try (ServerSocket _ =
                new ServerSocket(ports.broker(), 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> stack.up(false)).isInstanceOf(StackException.class);
        }
        assertThat(state).doesNotExist();
        assertThat(heard)
                .containsExactly(
                        "Deleted the state of the services: the log it was derived from is gone.");
    }

    @Test
    void anIncompleteBuildIsNamed() {
        assertThatThrownBy(() -> new DevStack(home.resolve("elsewhere"), new Recorder()).up(false))
                .isInstanceOf(StackException.class)
                .hasMessageContaining("is not built")
                .extracting(problem -> ((StackException) problem).advice())
                .asString()
                .contains("mvnw");
    }

    private List<State> states() {
        return stack.status().stream().map(ComponentStatus::state).toList();
    }
}
