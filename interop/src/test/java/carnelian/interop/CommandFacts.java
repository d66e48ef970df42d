package carnelian.interop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a server tells of a command by COMMAND INFO and COMMAND DOCS, as lines of text in the form
/// of the captures in the server module (`declarations-7.0.15.txt`), for comparing. Sentences in
/// words (summary, complexity, notes) are left out of the lines. Words of lines in which the order
/// means nothing are sorted.
record CommandFacts(
    String name, String since, String summary, String complexity, List<String> lines)
    implements Comparable<CommandFacts> {
  private static final int INFO_FIELDS = 10;

  /// All commands and subcommands of a server, by full name. The connection speaks RESP2.
  static Map<String, CommandFacts> of(RespConnection server) {
    Map<String, Map<String, RespValue>> docs = new HashMap<>();
    collectDocs(pairs(server.call("COMMAND", "DOCS")), docs);
    Map<String, CommandFacts> all = new TreeMap<>();
    collect(server.call("COMMAND").items(), docs, all);
    return all;
  }

  private static void collectDocs(
      Map<String, RespValue> of, Map<String, Map<String, RespValue>> all) {
    of.forEach(
        (name, doc) -> {
          Map<String, RespValue> fields = pairs(doc);
          all.put(name, fields);
          if (fields.containsKey("subcommands")) {
            collectDocs(pairs(fields.get("subcommands")), all);
          }
        });
  }

  private static void collect(
      List<RespValue> infos,
      Map<String, Map<String, RespValue>> docs,
      Map<String, CommandFacts> all) {
    for (RespValue info : infos) {
      List<RespValue> fields = info.items();
      if (fields.size() != INFO_FIELDS) {
        throw new AssertionError("COMMAND INFO has other fields: " + fields);
      }
      String name = fields.getFirst().text();
      Map<String, RespValue> doc = docs.getOrDefault(name, Map.of());
      List<String> lines = new ArrayList<>();
      addInfo(fields, lines);
      addDocs(doc, lines);
      all.put(
          name,
          new CommandFacts(
              name, text(doc, "since"), text(doc, "summary"), text(doc, "complexity"), lines));
      collect(fields.getLast().items(), docs, all);
    }
  }

  private static void addInfo(List<RespValue> fields, List<String> lines) {
    lines.add("arity " + fields.get(1).number());
    lines.add(sorted("flags", fields.get(2).texts()));
    lines.add(
        "keys %d %d %d"
            .formatted(fields.get(3).number(), fields.get(4).number(), fields.get(5).number()));
    List<String> categories =
        fields.get(6).texts().stream().map(category -> category.substring(1)).toList();
    lines.add(sorted("categories", categories));
    fields.get(7).texts().forEach(tip -> lines.add("tip " + tip));
    fields.get(8).items().forEach(spec -> lines.add(spec(pairs(spec))));
  }

  private static String sorted(String what, List<String> words) {
    List<String> copy = new ArrayList<>(words);
    Collections.sort(copy);
    copy.addFirst(what);
    return String.join(" ", copy);
  }

  private static String spec(Map<String, RespValue> spec) {
    return sorted("spec", field(spec, "flags").texts())
        + search(pairs(field(spec, "begin_search")))
        + search(pairs(field(spec, "find_keys")));
  }

  private static String search(Map<String, RespValue> search) {
    StringBuilder text = new StringBuilder(" | ").append(field(search, "type").text());
    pairs(field(search, "spec"))
        .forEach(
            (name, value) -> {
              if (!name.equals("reserved")) {
                text.append(' ').append(value.text());
              }
            });
    return text.toString();
  }

  private static void addDocs(Map<String, RespValue> doc, List<String> lines) {
    for (String name : List.of("group", "since")) {
      lines.add(name + " " + text(doc, name));
    }
    if (doc.containsKey("history")) {
      field(doc, "history")
          .items()
          .forEach(change -> lines.add("history " + change.items().getFirst().text()));
    }
    if (doc.containsKey("doc_flags")) {
      field(doc, "doc_flags").texts().forEach(flag -> lines.add("doc " + flag));
    }
    if (doc.containsKey("deprecated_since")) {
      lines.add("deprecated " + text(doc, "deprecated_since") + " " + text(doc, "replaced_by"));
    }
    if (doc.containsKey("arguments")) {
      field(doc, "arguments").items().forEach(arg -> addArgument(pairs(arg), "", lines));
    }
  }

  private static void addArgument(
      Map<String, RespValue> arg, String indentation, List<String> lines) {
    StringBuilder line = new StringBuilder(indentation);
    line.append("arg ").append(text(arg, "type")).append(' ').append(text(arg, "name"));
    if (arg.containsKey("key_spec_index")) {
      line.append(" spec=").append(text(arg, "key_spec_index"));
    }
    if (arg.containsKey("token")) {
      String token = text(arg, "token");
      line.append(" token=").append(token.isEmpty() ? "\"\"" : token);
    }
    if (arg.containsKey("since")) {
      line.append(" since=").append(text(arg, "since"));
    }
    if (arg.containsKey("deprecated_since")) {
      line.append(" deprecated=").append(text(arg, "deprecated_since"));
    }
    if (arg.containsKey("flags")) {
      field(arg, "flags").texts().forEach(flag -> line.append(' ').append(flag));
    }
    lines.add(line.toString());
    if (arg.containsKey("arguments")) {
      field(arg, "arguments")
          .items()
          .forEach(part -> addArgument(pairs(part), indentation + "  ", lines));
    }
  }

  /// The captured lines, their words in the order that is used here.
  static List<String> normal(List<String> captured) {
    return captured.stream().map(CommandFacts::normal).toList();
  }

  private static String normal(String line) {
    int bar = line.indexOf(" | ");
    String head = bar < 0 ? line : line.substring(0, bar);
    List<String> words = List.of(head.split(" "));
    return switch (words.getFirst()) {
      case "flags", "categories", "spec" ->
          sorted(words.getFirst(), words.subList(1, words.size())) + line.substring(head.length());
      default -> line;
    };
  }

  private static Map<String, RespValue> pairs(RespValue flat) {
    List<RespValue> items = flat.items();
    Map<String, RespValue> map = new java.util.LinkedHashMap<>();
    for (int i = 0; i < items.size(); i += 2) {
      map.put(items.get(i).text(), items.get(i + 1));
    }
    return map;
  }

  private static RespValue field(Map<String, RespValue> of, String name) {
    RespValue value = of.get(name);
    if (value == null) {
      throw new AssertionError("no " + name + " in " + of);
    }
    return value;
  }

  private static String text(Map<String, RespValue> of, String name) {
    return of.containsKey(name) ? field(of, name).text() : "";
  }

  /// The first word of every line.
  static String kind(String line) {
    return line.strip().split(" ", 2)[0];
  }

  /// What stands behind the first word of the line of this kind; "" if there is none.
  String only(String kind) {
    for (String line : lines) {
      if (kind(line).equals(kind)) {
        return line.substring(Math.min(line.length(), kind.length() + 1));
      }
    }
    return "";
  }

  List<String> every(String kind) {
    return lines.stream()
        .filter(line -> kind(line).equals(kind))
        .map(line -> line.substring(kind.length() + 1))
        .toList();
  }

  @Override
  public int compareTo(CommandFacts that) {
    return name.compareTo(that.name);
  }
}
