package dev.openkcm.networking.deploy;

import dev.openkcm.networking.deploy.ComponentStatus.State;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The whole platform on this machine: broker, registry and every service that is built. */
public final class DevStack {
    private static final String BROKER = "broker";
    private static final String REGISTRY = "registry";
    private static final Duration GRACE = Duration.ofSeconds(25);
    private static final Duration LINGER = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(50);

    private final StackFolder folder;
    private final StackPorts ports;
    private final List<ServiceDefinition> services;
    private final StackListener listener;

    public DevStack(Path repository, StackListener listener) {
        this(repository, StackPorts.STANDARD, ServiceDefinition.ALL, listener);
    }

    DevStack(
            Path repository,
            StackPorts ports,
            List<ServiceDefinition> services,
            StackListener listener) {
        this.folder = new StackFolder(repository.toAbsolutePath());
        this.ports = ports;
        this.services = List.copyOf(services);
        this.listener = listener;
    }

    public StackFolder folder() {
        return folder;
    }

    /** Starts what does not run yet; true when there was anything to start. */
    public boolean up(boolean fresh) {
        folder.create();
        try (FileChannel _ = lock()) {
            if (fresh) {
                stopEverything();
                folder.deleteData();
                listener.note("Deleted all data of earlier runs.");
            } else if (folder.deleteStateWithoutLog()) {
                listener.note(
                        "Deleted the state of the services: the log it was derived from is gone.");
            }
            Map<Server, ProcessHandle> alive = new LinkedHashMap<>();
            List<Server> missing = new ArrayList<>();
            for (Server server : servers()) {
                process(server)
                        .ifPresentOrElse(
                                process -> alive.put(server, process), () -> missing.add(server));
            }
            missing.forEach(this::reportDeath);
            missing.forEach(this::checkPorts);
            // All at once: services wait for the broker and the registry by themselves.
            start(missing);
            alive.forEach((server, process) -> new RunningServer(server, process).awaitReady());
            return !missing.isEmpty();
        } catch (IOException e) {
            throw new StackException(
                    folder.lock() + " cannot be used.", "Check its owner and free space.", e);
        }
    }

    /** Stops services first, then the registry, then the broker; true when anything ran. */
    public boolean down() {
        folder.create();
        try (FileChannel _ = lock()) {
            return stopEverything();
        } catch (IOException e) {
            throw new StackException(
                    folder.lock() + " cannot be used.", "Check its owner and free space.", e);
        }
    }

    public List<ComponentStatus> status() {
        List<ComponentStatus> all = new ArrayList<>();
        for (Server server : foundations()) {
            all.add(status(server));
        }
        for (ServiceDefinition service : services) {
            all.add(
                    service.built(folder.repository())
                            ? status(platformService(service))
                            : new ComponentStatus(
                                    service.name(),
                                    OptionalLong.empty(),
                                    service.port(),
                                    State.NOT_BUILT,
                                    0,
                                    null));
        }
        return all;
    }

    /** The names of everything that has a log. */
    public List<String> components() {
        return status().stream().map(ComponentStatus::name).toList();
    }

    private ComponentStatus status(Server server) {
        int port = server.ports().getFirst();
        Optional<ProcessHandle> process = process(server);
        if (process.isEmpty()) {
            State state = folder.pidFile(server.name()).exists() ? State.DIED : State.STOPPED;
            return new ComponentStatus(server.name(), OptionalLong.empty(), port, state, 0, null);
        }
        long pid = process.get().pid();
        Instant since = process.get().info().startInstant().orElse(null);
        State state = server.ready() ? State.READY : State.UNREADY;
        return new ComponentStatus(
                server.name(),
                OptionalLong.of(pid),
                port,
                state,
                Processes.residentBytes(pid),
                since);
    }

    private void start(List<Server> servers) {
        Instant begin = Instant.now();
        List<RunningServer> started = new ArrayList<>();
        for (Server server : servers) {
            listener.starting(server.name());
            RunningServer running =
                    RunningServer.start(server, marks(server.name()), Launcher.DETACHED);
            folder.pidFile(server.name()).write(running.process());
            started.add(running);
        }
        for (RunningServer running : started) {
            running.awaitReady();
            listener.ready(
                    running.server().name(),
                    running.server().ports().getFirst(),
                    Duration.between(begin, Instant.now()));
        }
    }

    private boolean stopEverything() {
        List<Server> servers = servers();
        boolean any = stop(servers.stream().filter(server -> !foundation(server)).toList());
        any |= stop(servers.stream().filter(SchemaRegistry.class::isInstance).toList());
        any |= stop(servers.stream().filter(KafkaBroker.class::isInstance).toList());
        return any;
    }

    private boolean stop(List<Server> servers) {
        Map<Server, List<ProcessHandle>> found = new LinkedHashMap<>();
        for (Server server : servers) {
            List<ProcessHandle> processes = new ArrayList<>(marked(server.name()));
            process(server).filter(one -> !processes.contains(one)).ifPresent(processes::add);
            found.put(server, processes);
        }
        Processes.stop(found.values().stream().flatMap(List::stream).toList(), GRACE);
        boolean any = false;
        for (Map.Entry<Server, List<ProcessHandle>> entry : found.entrySet()) {
            folder.pidFile(entry.getKey().name()).delete();
            if (!entry.getValue().isEmpty()) {
                listener.stopped(entry.getKey().name());
                any = true;
            }
        }
        return any;
    }

    private Optional<ProcessHandle> process(Server server) {
        PidFile file = folder.pidFile(server.name());
        Optional<ProcessHandle> written = file.process();
        if (written.isPresent()) {
            return written;
        }
        Optional<ProcessHandle> adopted = marked(server.name()).stream().findFirst();
        adopted.ifPresent(file::write);
        return adopted;
    }

    /** Processes that an earlier run started and whose pid file is lost. */
    private List<ProcessHandle> marked(String component) {
        List<String> marks = marks(component);
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info()
                                .arguments()
                                .map(List::of)
                                .filter(arguments -> arguments.containsAll(marks))
                                .isPresent())
                .filter(Processes::alive)
                .toList();
    }

    private List<String> marks(String component) {
        return List.of("-Dkcm.stack=" + folder.root(), "-Dkcm.component=" + component);
    }

    private void reportDeath(Server server) {
        PidFile file = folder.pidFile(server.name());
        if (file.exists()) {
            listener.note(server.name() + " ended without being told to; starting it again.");
            file.delete();
        }
    }

    private void checkPorts(Server server) {
        for (int port : server.ports()) {
            if (staysTaken(port)) {
                String owner =
                        PortOwner.of(port)
                                .map(found -> " by " + found)
                                .orElse(" by a process that cannot be seen from here");
                throw new StackException(
                        "Port "
                                + port
                                + " is needed by the "
                                + server.name()
                                + " but is taken"
                                + owner
                                + ".",
                        PortOwner.of(port)
                                .map(found ->
                                        "Stop it (kill "
                                                + found.pid()
                                                + ") and run `kcm up` again.")
                                .orElse("Stop it and run `kcm up` again."));
            }
        }
    }

    /**
     * A process that was just killed has its ports for a moment longer than it has a name, so one
     * that nobody can be seen to hold gets the time to become free.
     */
    private static boolean staysTaken(int port) {
        long deadline = System.nanoTime() + LINGER.toNanos();
        while (Ports.taken(port)) {
            if (PortOwner.of(port).isPresent() || System.nanoTime() > deadline) {
                return true;
            }
            Interruptions.pause(POLL);
        }
        return false;
    }

    private List<Server> servers() {
        List<Server> all = new ArrayList<>(foundations());
        services.stream()
                .filter(service -> service.built(folder.repository()))
                .map(this::platformService)
                .forEach(all::add);
        return all;
    }

    private List<Server> foundations() {
        StackLocation stack = StackLocation.inRepository(folder.repository());
        KafkaCluster cluster =
                KafkaCluster.of(
                        BrokerNode.of(
                                1,
                                ports.broker(),
                                ports.controller(),
                                folder.data().resolve(BROKER)));
        return List.of(
                new KafkaBroker(
                        BROKER, stack, cluster, cluster.nodes().getFirst(), folder.log(BROKER)),
                new SchemaRegistry(
                        REGISTRY,
                        stack,
                        ports.registry(),
                        folder.data().resolve(REGISTRY),
                        folder.log(REGISTRY)));
    }

    private PlatformService platformService(ServiceDefinition service) {
        return new PlatformService(
                service,
                folder.repository(),
                folder.state().resolve(service.instance()),
                new PlatformService.Endpoints("localhost:" + ports.broker(), ports.registryUrl()),
                folder.log(service.name()));
    }

    private static boolean foundation(Server server) {
        return switch (server) {
            case KafkaBroker _, SchemaRegistry _ -> true;
            case PlatformService _ -> false;
        };
    }

    private FileChannel lock() throws IOException {
        FileChannel channel =
                FileChannel.open(
                        folder.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock held = channel.tryLock();
            if (held != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // The same answer as from another process.
        }
        channel.close();
        throw new StackException(
                "Another kcm is bringing this stack up or down.",
                "Wait for it, then look with `kcm status`.");
    }
}
