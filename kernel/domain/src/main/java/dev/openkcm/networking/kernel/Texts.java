package dev.openkcm.networking.kernel;

/** Text from outside, made safe to print in an error. */
public final class Texts {

    private static final int SHOWN = 64;

    private Texts() {}

    /** In quotes, shortened, without control or direction-changing characters. */
    public static String quoted(String text) {
        var shown = new StringBuilder("\"");
        text.codePoints()
                .limit(SHOWN)
                .forEach(c -> {
                    if (Character.isISOControl(c)
                            || Character.getType(c) == Character.FORMAT
                            || Character.getType(c) == Character.SURROGATE) {
                        shown.append("\\u%04x".formatted(c));
                    } else {
                        shown.appendCodePoint(c);
                    }
                });
        if (text.codePointCount(0, text.length()) > SHOWN) {
            shown.append("…");
        }
        return shown.append('"').toString();
    }
}
