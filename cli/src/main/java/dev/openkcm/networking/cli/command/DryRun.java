package dev.openkcm.networking.cli.command;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code --dry-run}, alone or with the values that kubectl knows. */
final class DryRun implements ITypeConverter<Boolean> {

    @Override
    public Boolean convert(String value) {
        return switch (value) {
            case "server", "client", "true" -> true;
            case "none", "false" -> false;
            default -> throw new TypeConversionException(value + " is not server, client or none");
        };
    }
}
