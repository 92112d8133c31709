package dev.openkcm.networking.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessesTest {
    @Test
    void aProcessIsDeadBeforeItsLastThreadLeavesItsFiles() {
        String running = line('S', 40);
        String dying = line('Z', 3);
        String unburied = line('Z', 1);

        assertThat(Processes.dead(running)).isFalse();
        assertThat(Processes.dead(dying)).isTrue();
        assertThat(Processes.dead(unburied)).isTrue();
        assertThat(Processes.holding(running)).isTrue();
        assertThat(Processes.holding(dying)).isTrue();
        assertThat(Processes.holding(unburied)).isFalse();
    }

    /** As the kernel writes it, with a name that looks like an end of itself. */
    private static String line(char state, int threads) {
        return "4711 (java) Z 1 (x)) "
                + state
                + " 1 4711 4711 0 -1 4194560 81920 0 12 0 310 92 0 0"
                + " 20 0 "
                + threads
                + " 0 91827 6120321024 84512 18446744073709551615 0 0\n";
    }
}
