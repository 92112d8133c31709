package dev.openkcm.networking.kernel.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.openkcm.networking.kernel.LabelSelector;
import dev.openkcm.networking.kernel.ResourceKey;
import dev.openkcm.networking.kernel.rest.Change.Facts;
import dev.openkcm.networking.kernel.streams.Kind;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watcher: a list, then the changes since, as its client takes them.
 *
 * <p>The list may lag behind the feed or be ahead of it. Changes that the feed had seen before are
 * therefore laid over the list, and later ones dropped that the list has already. A watcher that
 * resumes has no list; of a resource whose earlier labels are not kept it assumes that the client
 * has it, since a deletion too many does no harm.
 */
final class Watch {

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final int BUFFER = 1_000;
    private static final int HEARTBEAT_SECONDS = 15;
    private static final int PATIENCE_SECONDS = 60;

    /** The documents that are selected, by pages. */
    @FunctionalInterface
    interface Pages {
        Listing.Page after(String key) throws Views.NotReady;
    }

    /**
     * What is watched.
     *
     * @param namespace null for all
     * @param name null for all
     */
    record Scope(@Nullable String namespace, @Nullable String name, LabelSelector selector) {

        boolean includes(String key) {
            if (namespace == null) {
                return true;
            }
            return name == null
                    ? key.startsWith(namespace + "/")
                    : key.equals(new ResourceKey(namespace, name).toString());
        }

        boolean selects(@Nullable Facts resource) {
            return resource != null && selector.matches(resource.labels());
        }
    }

    private final ChangeFeed feed;
    private final Kind<?, ?, ?> kind;
    private final Scope scope;
    private final Sse sse;
    private final BlockingQueue<Change> buffer = new ArrayBlockingQueue<>(BUFFER);
    private final Semaphore demand = new Semaphore(0);
    private final Map<String, Facts> selected = new HashMap<>();
    private Positions position;
    private boolean resumed;
    private volatile boolean ended;
    private volatile @Nullable Thread thread;

    Watch(ChangeFeed feed, Kind<?, ?, ?> kind, Scope scope, Sse sse) {
        this.feed = feed;
        this.kind = kind;
        this.scope = scope;
        this.sse = sse;
        this.position = feed.seen();
    }

    /** Never blocks; false when the watcher is too slow, which ends it. */
    boolean offer(Change change) {
        if (!scope.includes(change.key()) || buffer.offer(change)) {
            return true;
        }
        LOG.info("A watcher of {} does not keep up; its stream is ended", kind.plural());
        end();
        return false;
    }

    /** Ends the stream soon, from any thread. */
    void end() {
        ended = true;
        var running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    /** Begins with the present documents; reads the first page before it returns. */
    Multi<OutboundSseEvent> fromList(Pages pages) throws Views.NotReady {
        var kept = feed.join(this);
        position = kept.seen();
        var newest = new LinkedHashMap<String, Change>();
        for (var change : kept.changes()) {
            if (scope.includes(change.key())) {
                newest.put(change.key(), change);
            }
        }
        try {
            var first = pages.after("");
            return stream(client -> list(client, first, pages, newest));
        } catch (Views.NotReady | RuntimeException failure) {
            feed.leave(this);
            throw failure;
        }
    }

    /** Goes on behind what the client has seen; an error when that is not kept any more. */
    Multi<OutboundSseEvent> resumed(String lastEventId, int partitions) throws Views.NotReady {
        var kept = feed.join(this);
        var last = Positions.parse(lastEventId, partitions);
        if (last.isEmpty()
                || !last.get().reaches(kept.from())
                || !kept.seen().reaches(last.get())) {
            feed.leave(this);
            String detail = "what came after this event is not known any more; list again";
            return Multi.createFrom().item(error(410, "Gone", detail));
        }
        resumed = true;
        position = last.get();
        var missed = new ArrayList<Change>();
        for (var change : kept.changes()) {
            if (change.offset() > position.of(change.partition())) {
                missed.add(change);
            }
        }
        return stream(client -> catchUp(client, missed, kept.seen()));
    }

    /** What a stream begins with. */
    @FunctionalInterface
    private interface Beginning {
        void send(Flow.Subscriber<? super OutboundSseEvent> client)
                throws Views.NotReady, InterruptedException;
    }

    private Multi<OutboundSseEvent> stream(Beginning beginning) {
        return Multi.createFrom()
                .publisher(client -> {
                    var running =
                            Thread.ofVirtual()
                                    .name("watch")
                                    .unstarted(() -> run(client, beginning));
                    thread = running;
                    client.onSubscribe(new Reading());
                    running.start();
                });
    }

    /** The client's side of the stream. */
    private final class Reading implements Flow.Subscription {
        @Override
        public void request(long events) {
            demand.release((int) Math.min(events, BUFFER));
        }

        @Override
        public void cancel() {
            feed.leave(Watch.this);
            end();
        }
    }

    private void run(Flow.Subscriber<? super OutboundSseEvent> client, Beginning beginning) {
        try {
            try {
                beginning.send(client);
                follow(client);
            } catch (Views.NotReady moving) {
                send(client, error(503, "NotReady", "" + moving.getMessage()));
            }
        } catch (InterruptedException over) {
            LOG.debug("A watcher of {} has ended", kind.plural());
        } catch (RuntimeException bug) {
            LOG.error("A watcher of {} fails because of a bug", kind.plural(), bug);
        } finally {
            feed.leave(this);
            client.onComplete();
        }
    }

    /** Only the last event of a list has an id: one can't resume in the middle of it. */
    private void list(
            Flow.Subscriber<? super OutboundSseEvent> client,
            Listing.Page first,
            Pages pages,
            Map<String, Change> newest)
            throws Views.NotReady, InterruptedException {
        String held = null;
        for (var page = first; ; page = pages.after(Documents.key(page.items().getLast()))) {
            for (var document : page.items()) {
                String key = Documents.key(document);
                var facts = Facts.of(document);
                var change = newest.get(key);
                if (change == null || !change.supersedes(facts)) {
                    newest.remove(key);
                    held = hold(client, held, key, facts, document.toString());
                }
            }
            if (!page.more()) {
                break;
            }
        }
        for (var change : newest.values()) {
            var now = change.now();
            if (now != null && scope.selects(now)) {
                held = hold(client, held, change.key(), now, change.document());
            }
        }
        newest.clear();
        if (held != null) {
            send(client, event("ADDED", held).id(position.toString()).build());
        }
        heartbeat(client, position);
    }

    private String hold(
            Flow.Subscriber<? super OutboundSseEvent> client,
            @Nullable String held,
            String key,
            Facts facts,
            String document)
            throws InterruptedException {
        if (held != null) {
            send(client, event("ADDED", held).build());
        }
        selected.put(key, facts);
        return document;
    }

    private void catchUp(
            Flow.Subscriber<? super OutboundSseEvent> client, List<Change> missed, Positions seen)
            throws InterruptedException {
        for (var change : missed) {
            if (scope.includes(change.key())) {
                tell(client, change);
            }
        }
        heartbeat(client, seen);
    }

    private void follow(Flow.Subscriber<? super OutboundSseEvent> client)
            throws InterruptedException {
        while (true) {
            var change = buffer.poll(HEARTBEAT_SECONDS, TimeUnit.SECONDS);
            if (change != null) {
                tell(client, change);
                continue;
            }
            var seen = feed.seen(); // Read before the buffer: what it covers was offered.
            if (buffer.isEmpty()) {
                heartbeat(client, seen);
            }
        }
    }

    private void tell(Flow.Subscriber<? super OutboundSseEvent> client, Change change)
            throws InterruptedException {
        position = position.max(change.seen());
        var known = selected.get(change.key());
        if (known != null && !change.supersedes(known)) {
            return;
        }
        boolean was = known != null || (resumed && mayHaveBeenSelected(change));
        var now = change.now();
        if (now != null && scope.selects(now)) {
            selected.put(change.key(), now);
            send(client, was ? "MODIFIED" : "ADDED", change.document());
        } else if (was) {
            selected.remove(change.key());
            send(client, "DELETED", departed(change, known == null ? change.before() : known));
        }
    }

    private boolean mayHaveBeenSelected(Change change) {
        return change.before() == null ? !change.creation() : scope.selects(change.before());
    }

    private String departed(Change change, @Nullable Facts last) {
        var document = JsonNodeFactory.instance.objectNode();
        document.put("apiVersion", Kind.API_VERSION);
        document.put("kind", kind.name());
        var key = ResourceKey.parse(change.key());
        var metadata = document.putObject("metadata");
        if (!key.namespace().isEmpty()) {
            metadata.put("namespace", key.namespace());
        }
        metadata.put("name", key.name());
        var named = last == null ? change.now() : last;
        if (named != null) {
            metadata.put("uid", named.uid());
        }
        return document.toString();
    }

    private void send(
            Flow.Subscriber<? super OutboundSseEvent> client, String type, String document)
            throws InterruptedException {
        send(client, event(type, document).id(position.toString()).build());
    }

    /** A comment, which keeps the connection; its id lets the client resume from here. */
    private void heartbeat(Flow.Subscriber<? super OutboundSseEvent> client, Positions seen)
            throws InterruptedException {
        position = position.max(seen);
        send(client, sse.newEventBuilder().comment("").id(position.toString()).build());
    }

    private void send(Flow.Subscriber<? super OutboundSseEvent> client, OutboundSseEvent event)
            throws InterruptedException {
        if (ended || !demand.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new InterruptedException("the client does not read");
        }
        client.onNext(event);
    }

    private OutboundSseEvent.Builder event(String type, String document) {
        return sse.newEventBuilder()
                .name(type)
                .data("{\"type\":\"%s\",\"object\":%s}".formatted(type, document));
    }

    /** Its empty id makes clients begin anew. */
    private OutboundSseEvent error(int status, String reason, String detail) {
        var problem = Problems.document(status, reason, detail);
        return event("ERROR", problem.toString()).id("").build();
    }
}
