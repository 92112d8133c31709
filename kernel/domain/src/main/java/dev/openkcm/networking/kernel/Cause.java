package dev.openkcm.networking.kernel;

/**
 * One thing that is wrong with one field.
 *
 * @param field the path, such as {@code spec.peerings[1].networkRef}
 */
public record Cause(Reason reason, String field, String message) {

    /** The kinds of field errors, named as Kubernetes names them. */
    public enum Reason {
        FieldValueRequired,
        FieldValueInvalid,
        FieldValueNotSupported,
        FieldValueDuplicate,
        FieldValueForbidden
    }
}
