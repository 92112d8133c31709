package dev.openkcm.networking.kernel;

import dev.openkcm.networking.kernel.Cause.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Collects every cause, not the first alone, and knows the checks that all kinds share.
 *
 * <p>The grammars are those of Kubernetes: names are DNS-1123 labels or subdomains, label keys have
 * an optional DNS prefix and a name of at most 63 characters.
 */
public final class Validation {

    static final int MAX_LABELS = 64;
    static final int MAX_ANNOTATIONS = 64;
    static final int MAX_ANNOTATION_BYTES = 64 * 1024;

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern QUALIFIED =
            Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");

    private final List<Cause> causes = new ArrayList<>();

    public List<Cause> causes() {
        return List.copyOf(causes);
    }

    public boolean failed() {
        return !causes.isEmpty();
    }

    public void required(String field, String message) {
        add(Reason.FieldValueRequired, field, message);
    }

    public void invalid(String field, String message) {
        add(Reason.FieldValueInvalid, field, message);
    }

    public void notSupported(String field, String message) {
        add(Reason.FieldValueNotSupported, field, message);
    }

    public void duplicate(String field, String message) {
        add(Reason.FieldValueDuplicate, field, message);
    }

    public void forbidden(String field, String message) {
        add(Reason.FieldValueForbidden, field, message);
    }

    private void add(Reason reason, String field, String message) {
        causes.add(new Cause(reason, field, message));
    }

    /** At most 63 lower-case letters, digits and '-'. Returns whether it is one. */
    public boolean dnsLabel(String field, String value) {
        return name(field, value, LABEL, 63, "a DNS label (lower-case letters, digits and '-')");
    }

    /** At most 253 characters, DNS labels joined by dots. Returns whether it is one. */
    public boolean dnsSubdomain(String field, String value) {
        return name(
                field,
                value,
                SUBDOMAIN,
                253,
                "a DNS subdomain (lower-case letters, digits, '-' and '.')");
    }

    private boolean name(String field, String value, Pattern grammar, int max, String expected) {
        if (value.isEmpty()) {
            required(field, "must be given");
        } else if (value.length() > max) {
            invalid(
                    field,
                    "must have at most %d characters, has %d".formatted(max, value.length()));
        } else if (!grammar.matcher(value).matches()) {
            invalid(field, "%s is not %s".formatted(Texts.quoted(value), expected));
        } else {
            return true;
        }
        return false;
    }

    /** Reports a second occurrence of {@code value} in {@code seen} at {@code field}. */
    public <T> boolean unique(String field, T value, Set<T> seen, String what) {
        if (seen.add(value)) {
            return true;
        }
        duplicate(field, "%s %s is given more than once".formatted(what, Texts.quoted("" + value)));
        return false;
    }

    public void atMost(String field, int count, int max) {
        if (count > max) {
            invalid(field, "at most %d items are allowed, %d are given".formatted(max, count));
        }
    }

    /** Keys and values of labels, and the size of annotations. */
    public void metadata(Map<String, String> labels, Map<String, String> annotations) {
        atMost("metadata.labels", labels.size(), MAX_LABELS);
        Meta.sorted(labels).forEach(this::label);
        atMost("metadata.annotations", annotations.size(), MAX_ANNOTATIONS);
        long size = 0;
        for (var annotation : Meta.sorted(annotations).entrySet()) {
            labelKey("metadata.annotations", annotation.getKey());
            size += annotation.getKey().length() + (long) annotation.getValue().length();
        }
        if (size > MAX_ANNOTATION_BYTES) {
            invalid(
                    "metadata.annotations",
                    "together at most %d characters are allowed, %d are given"
                            .formatted(MAX_ANNOTATION_BYTES, size));
        }
    }

    private void label(String key, String value) {
        labelKey("metadata.labels", key);
        labelValue("metadata.labels[" + Texts.quoted(key) + "]", value);
    }

    public void labelValue(String field, String value) {
        if (value.length() > 63 || !(value.isEmpty() || QUALIFIED.matcher(value).matches())) {
            invalid(
                    field,
                    Texts.quoted(value)
                            + " is not a label value (at most 63 letters, digits, '-', '_', '.',"
                            + " beginning and ending with a letter or digit)");
        }
    }

    public void labelKey(String field, String key) {
        int slash = key.indexOf('/');
        String name = key.substring(slash + 1);
        boolean prefixFits =
                slash < 0 || (slash <= 253 && SUBDOMAIN.matcher(key.substring(0, slash)).matches());
        if (!prefixFits || name.length() > 63 || !QUALIFIED.matcher(name).matches()) {
            invalid(
                    field,
                    Texts.quoted(key)
                            + " is not a key ([<DNS subdomain>/]<at most 63 letters, digits, '-',"
                            + " '_', '.'>)");
        }
    }

    /** Namespace, unless the kind has none, and name, as taken from the key of the record. */
    public void key(ResourceKey key, boolean subdomain) {
        if (!key.namespace().isEmpty()) {
            dnsLabel("metadata.namespace", key.namespace());
        }
        if (subdomain) {
            dnsSubdomain("metadata.name", key.name());
        } else {
            dnsLabel("metadata.name", key.name());
        }
    }

    /** {@code spec.ipFamilies}, which may be left out where addresses say it. */
    public void ipFamilies(List<String> families, boolean needed) {
        if (needed && families.isEmpty()) {
            required("spec.ipFamilies", "must name IPv4, IPv6 or both");
        }
        Set<String> seen = seen();
        for (int i = 0; i < families.size(); i++) {
            String path = "spec.ipFamilies[" + i + "]";
            if (IpFamily.of(families.get(i)).isEmpty()) {
                notSupported(path, "must be IPv4 or IPv6, is " + Texts.quoted(families.get(i)));
            } else {
                unique(path, families.get(i), seen, "the family");
            }
        }
    }

    /** {@code spec.ips}: one address for each of {@code spec.ipFamilies}, in their order. */
    public void addressPerFamily(List<String> addresses, List<String> families) {
        boolean allRead = true;
        for (int i = 0; i < addresses.size(); i++) {
            String path = "spec.ips[" + i + "]";
            var address = Cidr.parseAddress(addresses.get(i));
            if (address.isEmpty()) {
                allRead = false;
                invalid(path, Texts.quoted(addresses.get(i)) + " is not an IPv4 or IPv6 address");
            } else if (i < families.size()
                    && !families.get(i).equals(address.get().family().name())) {
                invalid(
                        path,
                        "%s is not of the family %s that spec.ipFamilies[%d] names"
                                .formatted(address.get(), Texts.quoted(families.get(i)), i));
            }
        }
        if (allRead && addresses.size() != families.size()) {
            invalid(
                    "spec.ips",
                    "must have one address per family: %d families, %d addresses"
                            .formatted(families.size(), addresses.size()));
        }
    }

    /** A fresh set for {@link #unique}. */
    public static <T> Set<T> seen() {
        return new HashSet<>();
    }
}
