package dev.openkcm.networking.cli.command;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Lengths of time as people write them: 30s, 2m, 1m30s, 500ms; a bare number counts seconds. */
final class TimeSpan {
    private static final Pattern FORM =
            Pattern.compile("(?:(\\d+)h)?(?:(\\d+)m(?!s))?(?:(\\d+)s)?(?:(\\d+)ms)?|(\\d+)");

    private TimeSpan() {}

    static Duration parse(String text) {
        Matcher form = FORM.matcher(text);
        if (text.isEmpty() || !form.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a time such as 30s, 2m or 1m30s");
        }
        return Duration.ofHours(part(form, 1))
                .plusMinutes(part(form, 2))
                .plusSeconds(part(form, 3))
                .plusMillis(part(form, 4))
                .plusSeconds(part(form, 5));
    }

    private static long part(Matcher form, int group) {
        String digits = form.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** For options. */
    static final class Converter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
