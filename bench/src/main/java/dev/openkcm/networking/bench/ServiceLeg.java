package dev.openkcm.networking.bench;

import dev.openkcm.networking.deploy.EmbeddedService;
import dev.openkcm.networking.deploy.Ports;
import dev.openkcm.networking.deploy.ServiceDefinition;
import org.jspecify.annotations.Nullable;

/** One of our services, as it is shipped. */
final class ServiceLeg implements Leg {

    private final String name;
    private final String entity;
    private final EmbeddedService service;

    ServiceLeg(Lab lab, ServiceDefinition definition, String entity) {
        this.name = definition.name();
        this.entity = entity;
        this.service =
                EmbeddedService.of(
                        new ServiceDefinition(
                                definition.name(),
                                definition.module(),
                                Ports.free(1).getFirst(),
                                0),
                        lab.home(),
                        lab.folder("service-" + definition.name()),
                        lab.bootstrapServers(),
                        lab.registryUrl());
    }

    private ServiceLeg(ServiceLeg other, String entity) {
        this.name = other.name + ", " + entity;
        this.entity = entity;
        this.service = other.service;
    }

    /** The same process, by another of the entities that it owns. */
    ServiceLeg as(String entity) {
        return new ServiceLeg(this, entity);
    }

    @Override
    public String name() {
        return name;
    }

    String entity() {
        return entity;
    }

    private String topic(String what) {
        return "openkcm." + entity + "." + what + ".v1";
    }

    @Override
    public String sendTo() {
        return topic("commands");
    }

    @Override
    public String answers() {
        return topic("results");
    }

    @Override
    public @Nullable String states() {
        return topic("state");
    }

    @Override
    public void start() {
        service.start();
    }

    @Override
    public void stop() {
        service.stop();
    }

    @Override
    public void kill() {
        service.kill();
    }

    @Override
    public void wipe() {
        Lab.delete(service.state());
    }

    @Override
    public void awaitReady() {
        service.awaitReady();
    }

    @Override
    public long pid() {
        return service.process().pid();
    }

    int port() {
        return service.port();
    }
}
