package carnelian.server;

import carnelian.command.AclCategory;
import carnelian.command.Arg;
import carnelian.command.CommandFlag;
import carnelian.command.Declaration;
import carnelian.command.DocFlag;
import carnelian.command.KeyFlag;
import carnelian.command.KeySpec;
import carnelian.command.Tip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The facts of declarations as lines of text, one block for each command and subcommand: what
/// COMMAND INFO and COMMAND DOCS tell, apart from sentences in words.
final class DeclarationFacts {
  private DeclarationFacts() {}

  /// The blocks of these commands and their subcommands, by full name.
  static Map<String, List<String>> of(List<Declaration> declarations) {
    Map<String, List<String>> facts = new LinkedHashMap<>();
    for (Declaration declaration : declarations) {
      facts.put(declaration.name(), of(declaration));
      facts.putAll(of(declaration.subcommands()));
    }
    return facts;
  }

  private static List<String> of(Declaration declaration) {
    List<String> lines = new ArrayList<>();
    lines.add("arity " + declaration.arity());
    StringBuilder flags = new StringBuilder("flags");
    for (CommandFlag flag : declaration.flags()) {
      if (flag.isPrinted()) {
        flags.append(' ').append(flag.word());
      }
    }
    lines.add(flags.toString());
    lines.add(
        "keys %d %d %d"
            .formatted(declaration.firstKey(), declaration.lastKey(), declaration.keyStep()));
    StringBuilder categories = new StringBuilder("categories");
    for (AclCategory category : declaration.categories()) {
      categories.append(' ').append(category.word());
    }
    lines.add(categories.toString());
    for (Tip tip : declaration.tips()) {
      lines.add("tip " + tip.word());
    }
    for (KeySpec spec : declaration.keySpecs()) {
      lines.add(of(spec));
    }
    lines.add("group " + declaration.group().word());
    lines.add("since " + declaration.since());
    for (Declaration.Change change : declaration.history()) {
      lines.add("history " + change.version());
    }
    for (DocFlag flag : declaration.docFlags()) {
      lines.add("doc " + flag.word());
    }
    if (declaration.deprecatedSince() != null) {
      lines.add("deprecated " + declaration.deprecatedSince() + " " + declaration.replacedBy());
    }
    for (Arg arg : declaration.args()) {
      add(arg, "", lines);
    }
    return lines;
  }

  private static String of(KeySpec spec) {
    StringBuilder line = new StringBuilder("spec");
    for (KeyFlag flag : KeyFlag.values()) {
      if (spec.has(flag)) {
        line.append(' ').append(flag.word());
      }
    }
    line.append(
        switch (spec.begin()) {
          case KeySpec.Begin.Index(int position) -> " | index " + position;
          case KeySpec.Begin.Keyword(String word, int from) -> " | keyword " + word + " " + from;
          case KeySpec.Begin.Unknown() -> " | unknown";
        });
    line.append(
        switch (spec.find()) {
          case KeySpec.Find.Range(int last, int step, int limit) ->
              " | range " + last + " " + step + " " + limit;
          case KeySpec.Find.Counted(int number, int first, int step) ->
              " | keynum " + number + " " + first + " " + step;
          case KeySpec.Find.Unknown() -> " | unknown";
        });
    return line.toString();
  }

  private static void add(Arg arg, String indentation, List<String> lines) {
    StringBuilder line = new StringBuilder(indentation);
    line.append("arg ").append(arg.type().word()).append(' ').append(arg.name());
    if (arg.keySpec() >= 0) {
      line.append(" spec=").append(arg.keySpec());
    }
    String token = arg.token();
    if (token != null) {
      line.append(" token=").append(token.isEmpty() ? "\"\"" : token);
    }
    if (arg.since() != null) {
      line.append(" since=").append(arg.since());
    }
    if (arg.deprecatedSince() != null) {
      line.append(" deprecated=").append(arg.deprecatedSince());
    }
    line.append(arg.isOptional() ? " optional" : "");
    line.append(arg.isMultiple() ? " multiple" : "");
    line.append(arg.isMultipleToken() ? " multiple_token" : "");
    lines.add(line.toString());
    for (Arg part : arg.args()) {
      add(part, indentation + "  ", lines);
    }
  }
}
