package dev.openkcm.networking.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A service of the platform: its name, the module that builds it, its HTTP port and which instance
 * it is.
 */
public record ServiceDefinition(String name, String module, int port, int ordinal) {

    /** Every service there is; a service whose module is not built yet is left out at start. */
    public static final List<ServiceDefinition> ALL =
            List.of(
                    first("network", "services/network", 8101),
                    first("interface", "services/interface", 8102),
                    first("vip-nat", "services/vip-nat", 8103),
                    first("loadbalancer", "services/loadbalancer", 8104),
                    first("policy", "services/policy", 8105));

    private static ServiceDefinition first(String name, String module, int port) {
        return new ServiceDefinition(name, module, StackPorts.moved(port), 0);
    }

    /**
     * How a service is started by whoever looks after the process by himself.
     *
     * @param jar of the service
     * @param flags of the virtual machine, beside and above those that every service has
     */
    public static List<String> command(Path jar, List<String> flags) {
        List<String> command = new ArrayList<>(PlatformService.java(jar));
        command.addAll(flags);
        command.addAll(List.of("-cp", jar.toString(), PlatformService.MAIN));
        return command;
    }

    ServiceDefinition at(int otherPort) {
        return new ServiceDefinition(name, module, otherPort, ordinal);
    }

    Path jar(Path repository) {
        return repository.resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
    }

    public boolean built(Path repository) {
        return Files.isRegularFile(jar(repository));
    }

    String instance() {
        return name + "-" + ordinal;
    }
}
