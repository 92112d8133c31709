package dev.openkcm.networking.policy.engine;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Labels of one of very many members, unmodifiable, in an eighth of the memory of a tree: in one
 * array, of strings that all members share. Keys and values of labels come again and again, and
 * each record that is read brings its own.
 */
@SuppressWarnings("JdkObsolete") // Labels are a SortedMap wherever they are, which is enough.
final class Labels extends AbstractMap<String, String> implements SortedMap<String, String> {

    private static final Labels NONE = new Labels(new String[0]);

    /** Keys, sorted, each followed by its value. */
    private final String[] texts;

    private Labels(String[] texts) {
        this.texts = texts;
    }

    static SortedMap<String, String> of(SortedMap<String, String> labels) {
        if (labels instanceof Labels) {
            return labels;
        }
        if (labels.isEmpty()) {
            return NONE;
        }
        String[] texts = new String[2 * labels.size()];
        int i = 0;
        for (var label : labels.entrySet()) {
            texts[i++] = label.getKey().intern();
            texts[i++] = label.getValue().intern();
        }
        return new Labels(texts);
    }

    @Override
    public int size() {
        return texts.length / 2;
    }

    /** There are few: looking at each costs less than to halve them. */
    @Override
    public @Nullable String get(Object key) {
        for (int i = 0; i < texts.length; i += 2) {
            if (texts[i].equals(key)) {
                return texts[i + 1];
            }
        }
        return null;
    }

    @Override
    public boolean containsKey(Object key) {
        return get(key) != null;
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return Labels.this.size();
            }

            @Override
            public Iterator<Entry<String, String>> iterator() {
                return new Entries();
            }
        };
    }

    private final class Entries implements Iterator<Entry<String, String>> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < texts.length;
        }

        @Override
        public Entry<String, String> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            var entry = Map.entry(texts[next], texts[next + 1]);
            next += 2;
            return entry;
        }
    }

    @Override
    public @Nullable Comparator<? super String> comparator() {
        return null;
    }

    @Override
    public SortedMap<String, String> subMap(String from, String to) {
        return new TreeMap<>(this).subMap(from, to);
    }

    @Override
    public SortedMap<String, String> headMap(String to) {
        return new TreeMap<>(this).headMap(to);
    }

    @Override
    public SortedMap<String, String> tailMap(String from) {
        return new TreeMap<>(this).tailMap(from);
    }

    @Override
    public String firstKey() {
        return entrySet().iterator().next().getKey();
    }

    @Override
    public String lastKey() {
        return new TreeMap<>(this).lastKey();
    }
}
