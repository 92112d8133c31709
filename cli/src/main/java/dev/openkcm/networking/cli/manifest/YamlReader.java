package dev.openkcm.networking.cli.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads streams of YAML documents, of which JSON is a subset.
 *
 * <p>Aliases are expanded against a budget of nodes: a small text can otherwise describe a document
 * that fills any memory.
 */
final class YamlReader {
    private static final int LARGEST_TEXT = 8 << 20;
    private static final int DEEPEST = 64;
    private static final int MOST_NODES = 200_000;

    private final JsonNodeFactory json = JsonNodeFactory.instance;
    private int budget;

    private YamlReader(int budget) {
        this.budget = budget;
    }

    static List<JsonNode> documents(Reader text) throws ManifestException {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LARGEST_TEXT);
        options.setNestingDepthLimit(DEEPEST);
        options.setMaxAliasesForCollections(MOST_NODES);
        options.setAllowDuplicateKeys(false);
        options.setProcessComments(false);
        List<JsonNode> documents = new ArrayList<>();
        try {
            for (Node node : new Yaml(options).composeAll(text)) {
                documents.add(new YamlReader(MOST_NODES).convert(node, 0));
            }
            return documents;
        } catch (MarkedYAMLException e) {
            String place =
                    e.getProblemMark() == null
                            ? ""
                            : "line " + (e.getProblemMark().getLine() + 1) + ": ";
            throw new ManifestException(place + e.getProblem());
        } catch (YAMLException e) {
            throw new ManifestException(String.valueOf(e.getMessage()));
        }
    }

    private JsonNode convert(Node node, int depth) throws ManifestException {
        budget--;
        if (budget < 0 || depth > DEEPEST) {
            throw new ManifestException(
                    "line "
                            + (node.getStartMark().getLine() + 1)
                            + ": the document is too large or too deep once its aliases are expanded");
        }
        return switch (node) {
            case MappingNode mapping -> object(mapping, depth);
            case SequenceNode sequence -> {
                ArrayNode array = json.arrayNode();
                for (Node item : sequence.getValue()) {
                    array.add(convert(item, depth + 1));
                }
                yield array;
            }
            case ScalarNode scalar -> scalar(scalar);
            default ->
                    throw new ManifestException(
                            "line "
                                    + (node.getStartMark().getLine() + 1)
                                    + ": an alias refers to what it is part of");
        };
    }

    private ObjectNode object(MappingNode mapping, int depth) throws ManifestException {
        ObjectNode object = json.objectNode();
        for (NodeTuple entry : mapping.getValue()) {
            String line = "line " + (entry.getKeyNode().getStartMark().getLine() + 1) + ": ";
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw new ManifestException(line + "a key must be a plain word");
            }
            if (key.getTag().equals(Tag.MERGE)) {
                merge(object, convert(entry.getValueNode(), depth + 1), line);
                continue;
            }
            if (object.has(key.getValue())) {
                throw new ManifestException(line + "the key " + key.getValue() + " appears twice");
            }
            object.set(key.getValue(), convert(entry.getValueNode(), depth + 1));
        }
        return object;
    }

    private static void merge(ObjectNode object, JsonNode merged, String line)
            throws ManifestException {
        if (!(merged instanceof ObjectNode more)) {
            throw new ManifestException(line + "<< merges objects only");
        }
        more.properties().forEach(entry -> object.putIfAbsent(entry.getKey(), entry.getValue()));
    }

    private JsonNode scalar(ScalarNode scalar) {
        String value = scalar.getValue();
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.NULL)) {
            return json.nullNode();
        }
        if (tag.equals(Tag.BOOL)) {
            // YAML 1.1 also takes yes, no, on and off for booleans, which surprises whoever labels
            // app: on.
            return switch (value) {
                case "true", "True", "TRUE" -> json.booleanNode(true);
                case "false", "False", "FALSE" -> json.booleanNode(false);
                default -> json.textNode(value);
            };
        }
        if (tag.equals(Tag.INT)) {
            return value.matches("[-+]?(0|[1-9][0-9]{0,30})")
                    ? integer(new BigInteger(value))
                    : json.textNode(value);
        }
        if (tag.equals(Tag.FLOAT)) {
            return value.matches("[-+]?[0-9]{1,30}\\.[0-9]{0,30}([eE][-+]?[0-9]{1,3})?")
                    ? json.numberNode(new BigDecimal(value))
                    : json.textNode(value);
        }
        return json.textNode(value);
    }

    private JsonNode integer(BigInteger value) {
        return value.bitLength() < Long.SIZE
                ? json.numberNode(value.longValueExact())
                : json.numberNode(value);
    }
}
