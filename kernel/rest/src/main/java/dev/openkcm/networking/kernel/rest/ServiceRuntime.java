package dev.openkcm.networking.kernel.rest;

import dev.openkcm.networking.kernel.registry.AvroSerdes;
import dev.openkcm.networking.kernel.registry.AvroSerializer;
import dev.openkcm.networking.kernel.registry.Compatibility;
import dev.openkcm.networking.kernel.registry.SchemaRegistryClient;
import dev.openkcm.networking.kernel.registry.SchemaRegistryConfig;
import dev.openkcm.networking.kernel.registry.SchemaRegistryException;
import dev.openkcm.networking.kernel.rest.ServiceDefinition.Owned;
import dev.openkcm.networking.kernel.streams.DecideTopology;
import dev.openkcm.networking.kernel.streams.Kind;
import dev.openkcm.networking.kernel.streams.PromptCommits;
import dev.openkcm.networking.kernel.streams.RocksDbLibrary;
import dev.openkcm.networking.kernel.streams.StreamsApp;
import dev.openkcm.networking.kernel.streams.StreamsSettings;
import dev.openkcm.networking.kernel.streams.TopicAdmin;
import dev.openkcm.networking.kernel.streams.TopicSpec;
import dev.openkcm.networking.kernel.streams.ViewTopology;
import dev.openkcm.networking.schemas.common.v1.CommandResult;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts what the service runs, beside HTTP, so that health can be asked while Kafka is away: the
 * topics are made sure of, the schemas registered, then the applications started.
 */
@ApplicationScoped
public class ServiceRuntime {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceRuntime.class);
    private static final String KAFKA = "kafka.";

    /** How much later than those that decide the other applications start, at most. */
    private static final Duration HEAD_START = Duration.ofSeconds(5);

    /** The topics exist and the applications were started. */
    record Started() {}

    private final ServiceDefinition definition;
    private final ServiceConfig config;
    private final Config properties;
    private final Sightings sightings;
    private final Instance<MeterRegistry> meters;
    private final jakarta.enterprise.event.Event<Started> begun;
    private final SchemaRegistryClient registry;
    private final AvroSerdes serdes;
    private final List<StreamsApp> applications = new CopyOnWriteArrayList<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final Map<Class<? extends SpecificRecord>, Deserializer<? extends SpecificRecord>>
            decoders = new ConcurrentHashMap<>();
    private final AvroSerializer<SpecificRecord> encoder;
    private final List<Kind<?, ?, ?>> kinds;
    private final Map<Kind<?, ?, ?>, StreamsApp> views = new ConcurrentHashMap<>();
    private volatile @Nullable String server;
    private final Map<String, StreamsApp> readers = new ConcurrentHashMap<>();
    private volatile boolean started;
    private volatile boolean gaveUp;
    private volatile boolean stopping;

    /** Whether Quarkus is done: until then there are no meters, and nobody to tell anything. */
    private final CompletableFuture<Void> quarkus = new CompletableFuture<>();

    ServiceRuntime(
            ServiceDefinition definition,
            ServiceConfig config,
            Config properties,
            Sightings sightings,
            Instance<MeterRegistry> meters,
            jakarta.enterprise.event.Event<Started> begun) {
        this.definition = definition;
        this.config = config;
        this.properties = properties;
        this.sightings = sightings;
        this.meters = meters;
        this.begun = begun;
        this.registry = new SchemaRegistryClient(registryConfig());
        this.serdes = new AvroSerdes(registry);
        this.kinds = List.copyOf(definition.kinds().stream().map(Owned::kind).toList());
        this.encoder = new AvroSerializer<>(registry);
    }

    /**
     * As soon as there are settings. The rest of Quarkus takes as long as what is started here, and
     * neither needs the other.
     */
    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        Thread.ofPlatform().name("service-start").start(this::run);
        // Ready when the first application is made.
        Thread.ofPlatform()
                .daemon()
                .name("rocksdb-library")
                .start(() -> RocksDbLibrary.load(Path.of(config.stateDir())));
    }

    void ready(@Observes StartupEvent event) {
        quarkus.complete(null);
    }

    void stop(@Observes ShutdownEvent event) {
        stopping = true;
        quarkus.cancel(false);
        try (var closing = Executors.newVirtualThreadPerTaskExecutor()) {
            applications.forEach(application -> closing.execute(application::close));
        }
    }

    public AvroSerdes serdes() {
        return serdes;
    }

    public List<StreamsApp> applications() {
        return List.copyOf(applications);
    }

    /** What keeps the service from running, in sentences. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    public boolean started() {
        return started;
    }

    /** It failed to start and does not try again, though another process may have more luck. */
    boolean gaveUp() {
        return gaveUp;
    }

    /** The viewing application of a kind, once it was started. */
    Optional<KafkaStreams> view(Kind<?, ?, ?> kind) {
        return Optional.ofNullable(views.get(kind)).map(StreamsApp::streams);
    }

    /** A further application that serves reads, once it was started. */
    Optional<KafkaStreams> reader(String application) {
        return Optional.ofNullable(readers.get(application)).map(StreamsApp::streams);
    }

    /** Host and port by which other instances reach this one. */
    String server() {
        String known = server;
        if (known == null) {
            known = config.host() + ":" + properties.getValue("quarkus.http.port", Integer.class);
            server = known;
        }
        return known;
    }

    private void run() {
        // One waits for the broker, the other for the registry; each tells by itself what is wrong.
        var schemas =
                new FutureTask<>(() -> {
                    registerSchemas();
                    return true;
                });
        Thread.ofVirtual().name("schemas").start(schemas);
        try {
            prepareTopics();
            if (problems.isEmpty()) {
                schemas.get();
                startApplications();
                quarkus.get();
                started = true;
                begun.fire(new Started());
                contracts().forEach(this::keepCompatible);
                new SchemaPrefetch(registry, prefetched()).run(() -> stopping);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (CancellationException stopped) {
            LOG.info("Stopped before it was started");
        } catch (ExecutionException failure) {
            cannotStart("" + failure.getCause(), failure);
        } catch (RuntimeException | Error failure) {
            cannotStart(failure.toString(), failure);
        }
    }

    private void cannotStart(String why, Throwable failure) {
        LOG.error("The service can't start", failure);
        problems.add("the service can't start: " + why);
        gaveUp = true;
    }

    /** Internal topics of its own and topics of others; not those that clients write to. */
    private List<TopicSpec> prefetched() {
        var topics = new ArrayList<>(definition.topics());
        for (var kind : kinds) {
            TopicSpec.of(kind).stream().filter(topic -> topic.type() != null).forEach(topics::add);
        }
        return topics;
    }

    private void prepareTopics() throws InterruptedException {
        var topics = new ArrayList<TopicSpec>();
        definition.kinds().forEach(owned -> topics.addAll(TopicSpec.of(owned.kind())));
        definition.published().forEach(rows -> topics.add(rows.topic()));
        topics.addAll(definition.topics());
        var writers = new HashMap<String, String>();
        for (var kind : kinds) {
            writers.put(kind.events(), kind.decideApplication());
            writers.put(kind.state(), kind.decideApplication());
        }
        try (var admin = Admin.create(new HashMap<>(client()))) {
            problems.addAll(new TopicAdmin(admin, config.partitions()).prepare(topics, writers));
        }
        problems.forEach(problem -> LOG.error("The service can't start: {}", problem));
    }

    /** What a topic of the public contract carries, and how it may change. */
    private record Contract(String topic, Class<?> type, Compatibility compatibility) {
        String subject() {
            return topic + "-value";
        }
    }

    private List<Contract> contracts() {
        var contracts = new ArrayList<Contract>();
        for (var owned : definition.kinds()) {
            var kind = owned.kind();
            var codec = kind.codec();
            var full = Compatibility.FULL_TRANSITIVE;
            contracts.add(
                    new Contract(
                            kind.commands(),
                            codec.commandType(),
                            Compatibility.BACKWARD_TRANSITIVE));
            contracts.add(new Contract(kind.events(), codec.eventType(), full));
            contracts.add(new Contract(kind.state(), codec.stateType(), full));
            contracts.add(new Contract(kind.results(), CommandResult.class, full));
        }
        for (var rows : definition.published()) {
            contracts.add(
                    new Contract(rows.topic().name(), rows.type(), Compatibility.FULL_TRANSITIVE));
        }
        return contracts;
    }

    private void registerSchemas() throws InterruptedException {
        for (var contract : contracts()) {
            register(contract);
        }
    }

    static Schema schema(Class<?> type) {
        return new SpecificData(type.getClassLoader()).getSchema(type);
    }

    /** The id by which records of a type are written to a topic. */
    int schemaId(String topic, Class<?> type) {
        return encoder.schemaId(topic, schema(type));
    }

    /** Waits for the registry, unless the schema is known from an earlier run. */
    private void register(Contract contract) throws InterruptedException {
        Schema schema = schema(contract.type());
        for (long pause = 500; !stopping; pause = Math.min(2 * pause, 2_000)) {
            try {
                registry.idOf(contract.subject(), schema);
                return;
            } catch (SchemaRegistryException failure) {
                if (failure.kind() != SchemaRegistryException.Kind.UNAVAILABLE) {
                    throw failure;
                }
                LOG.warn("{}; trying again", failure.getMessage());
                Thread.sleep(pause);
            }
        }
    }

    /** Guards the contract of the next release; this one need not wait for it. */
    private void keepCompatible(Contract contract) {
        try {
            registry.setCompatibility(contract.subject(), contract.compatibility());
        } catch (SchemaRegistryException failure) {
            LOG.warn("{}", failure.getMessage());
        }
    }

    /**
     * Those that decide come first: for them the commands wait. The others follow when these run,
     * or, when that takes long, beside them.
     */
    private void startApplications() throws InterruptedException {
        var settings =
                new StreamsSettings(
                        client(), Path.of(config.stateDir()), config.instance(), server());
        var wire =
                new DecideTopology.Wire(serdes::of, config.partitions(), config.maxCommandBytes());
        for (var owned : definition.kinds()) {
            String application = owned.kind().decideApplication();
            start(PromptCommits.in(owned.decide().apply(wire)), settings.promptly(application));
        }
        long end = System.nanoTime() + HEAD_START.toNanos();
        for (var deciding : applications) {
            deciding.awaitRunning(Duration.ofNanos(end - System.nanoTime()));
        }
        for (var application : definition.applications()) {
            var topology = application.recipe().build(serdes::of, serdes.generic());
            start(PromptCommits.in(topology), settings.promptly(application.id()));
        }
        for (var reader : definition.readers()) {
            readers.put(
                    reader.id(),
                    start(
                            reader.recipe().build(serdes::of, serdes.generic()),
                            settings.atLeastOnce(reader.id())));
        }
        for (var kind : kinds) {
            var view = startView(kind, viewGeneration());
            applications.add(view);
            views.put(kind, view);
        }
    }

    /** Starts a view of some generation, which nobody is shown yet. */
    StreamsApp startView(Kind<?, ?, ?> kind, int generation) {
        var settings =
                new StreamsSettings(
                        client(), Path.of(config.stateDir()), config.instance(), server());
        var view =
                new StreamsApp(
                        ViewTopology.of(kind, (key, _) -> sightings.seen(kind, key)),
                        settings.atLeastOnce(viewApplication(kind, generation)),
                        this::measure);
        view.start();
        return view;
    }

    private static String viewApplication(Kind<?, ?, ?> kind, int generation) {
        return generation == 1
                ? kind.viewApplication()
                : kind.viewApplication() + "-g" + generation;
    }

    /** Shows a view of a later generation from now on, and drops the one before. */
    void switchView(Kind<?, ?, ?> kind, StreamsApp next, int generation) {
        applications.add(next);
        var before = views.put(kind, next);
        writeViewGeneration(generation);
        if (before != null) {
            applications.remove(before);
            before.closeForGood();
            deleteGroup(before.name());
        }
    }

    /** Of which generation the views of this instance are; the first is 1. */
    int viewGeneration() {
        try {
            var file = viewGenerationFile();
            return Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : 1;
        } catch (IOException | NumberFormatException unreadable) {
            LOG.warn("The generation of the views is not known; it is taken as 1", unreadable);
            return 1;
        }
    }

    private void writeViewGeneration(int generation) {
        try {
            Files.createDirectories(Path.of(config.stateDir()));
            Files.writeString(viewGenerationFile(), generation + "\n");
        } catch (IOException full) {
            LOG.warn("The generation of the views was not kept; a restart takes the first", full);
        }
    }

    private Path viewGenerationFile() {
        return Path.of(config.stateDir()).resolve("view-generation");
    }

    /** The last instance that leaves a generation takes its group along. */
    private void deleteGroup(String application) {
        try (var admin = Admin.create(new HashMap<>(client()))) {
            var groups = admin.describeConsumerGroups(List.of(application)).all().get();
            if (groups.values().stream().allMatch(group -> group.members().isEmpty())) {
                admin.deleteConsumerGroups(List.of(application)).all().get();
            }
        } catch (ExecutionException failure) {
            LOG.warn("The group of {} was not deleted", application, failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private StreamsApp start(Topology topology, java.util.Properties settings) {
        var application = new StreamsApp(topology, settings, this::measure);
        applications.add(application);
        application.start();
        return application;
    }

    private AutoCloseable measure(KafkaStreams running) {
        var metrics = new KafkaStreamsMetrics(running);
        var bound = quarkus.thenRun(() -> metrics.bindTo(meters.get()));
        return () -> {
            bound.cancel(false);
            metrics.close();
        };
    }

    /** Every {@code kafka.} property goes to every Kafka client. */
    public Map<String, String> client() {
        var client = new LinkedHashMap<String, String>();
        for (String name : properties.getPropertyNames()) {
            if (name.startsWith(KAFKA)) {
                properties
                        .getOptionalValue(name, String.class)
                        .ifPresent(value -> client.put(name.substring(KAFKA.length()), value));
            }
        }
        client.put(
                "bootstrap.servers", properties.getValue("kafka.bootstrap.servers", String.class));
        return client;
    }

    private SchemaRegistryConfig registryConfig() {
        var settings = new LinkedHashMap<String, String>();
        settings.put("max.retries", "0");
        settings.put("http.connect.timeout.ms", "2000");
        settings.put("http.read.timeout.ms", "5000");
        settings.put(
                SchemaRegistryConfig.CACHE_FILE,
                Path.of(config.stateDir()).resolve("schemas.json").toString());
        for (String name : properties.getPropertyNames()) {
            if (name.startsWith("schema.registry.") || name.startsWith("basic.auth.")) {
                properties
                        .getOptionalValue(name, String.class)
                        .ifPresent(value -> settings.put(name, value));
            }
        }
        settings.put(
                SchemaRegistryConfig.URL, properties.getValue("schema.registry.url", String.class));
        return SchemaRegistryConfig.of(settings);
    }

    /** Decodes what was published; one per type, since schemas are resolved once per decoder. */
    public Deserializer<? extends SpecificRecord> decoder(Class<? extends SpecificRecord> type) {
        return decoders.computeIfAbsent(type, t -> serdes.of(t).deserializer());
    }

    /** Encodes what is to be published. */
    byte[] encode(String topic, SpecificRecord value) {
        return java.util.Objects.requireNonNull(encoder.serialize(topic, value));
    }

    /** The service, as in the names of clients and groups. */
    String name() {
        return config.entity();
    }

    /** The kinds that the service owns. */
    public List<Kind<?, ?, ?>> kinds() {
        return kinds;
    }

    /** The kind with this plural, when the service owns it. */
    public Optional<Kind<?, ?, ?>> kindOf(String plural) {
        return kinds.stream().filter(k -> k.plural().equals(plural)).findFirst();
    }
}
