package carnelian.engine.introspection;

import carnelian.command.AclCategory;
import carnelian.command.Arg;
import carnelian.command.CommandFlag;
import carnelian.command.Declaration;
import carnelian.command.DocFlag;
import carnelian.command.KeyFlag;
import carnelian.command.KeySpec;
import carnelian.command.Tip;
import carnelian.resp.Reply;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes a declaration in the forms of COMMAND INFO and COMMAND DOCS.
final class DeclarationReply {
  private static final int INFO_PARTS = 10;

  private DeclarationReply() {}

  // ---- COMMAND INFO ----------------------------------------------------------------------------

  static void info(Reply reply, Declaration declaration) {
    reply.array(INFO_PARTS);
    reply.bulk(declaration.name());
    reply.integer(declaration.arity());
    flags(reply, declaration);
    reply.integer(declaration.firstKey());
    reply.integer(declaration.lastKey());
    reply.integer(declaration.keyStep());
    Set<AclCategory> categories = declaration.categories();
    reply.set(categories.size());
    for (AclCategory category : categories) {
      reply.simple("@" + category.word());
    }
    reply.set(declaration.tips().size());
    for (Tip tip : declaration.tips()) {
      reply.bulk(tip.word());
    }
    reply.set(declaration.keySpecs().size());
    for (KeySpec spec : declaration.keySpecs()) {
      keySpec(reply, spec);
    }
    List<Declaration> subcommands = declaration.subcommands();
    if (subcommands.isEmpty()) {
      reply.set(0);
    } else {
      reply.array(subcommands.size());
      for (Declaration subcommand : subcommands) {
        info(reply, subcommand);
      }
    }
  }

  private static void flags(Reply reply, Declaration declaration) {
    int count = 0;
    for (CommandFlag flag : declaration.flags()) {
      count += flag.isPrinted() ? 1 : 0;
    }
    reply.set(count);
    for (CommandFlag flag : declaration.flags()) {
      if (flag.isPrinted()) {
        reply.simple(flag.word());
      }
    }
  }

  private static void keySpec(Reply reply, KeySpec spec) {
    String notes = spec.notes();
    reply.map(notes == null ? 3 : 4);
    if (notes != null) {
      reply.bulk("notes");
      reply.bulk(notes);
    }
    reply.bulk("flags");
    keyFlags(reply, spec.flagBits());
    reply.bulk("begin_search");
    switch (spec.begin()) {
      case KeySpec.Begin.Index(int position) -> {
        part(reply, "index", 1);
        number(reply, "index", position);
      }
      case KeySpec.Begin.Keyword(String word, int startFrom) -> {
        part(reply, "keyword", 2);
        reply.bulk("keyword");
        reply.bulk(word);
        number(reply, "startfrom", startFrom);
      }
      case KeySpec.Begin.Unknown() -> part(reply, "unknown", 0);
    }
    reply.bulk("find_keys");
    switch (spec.find()) {
      case KeySpec.Find.Range(int last, int step, int limit) -> {
        part(reply, "range", 3);
        number(reply, "lastkey", last);
        number(reply, "keystep", step);
        number(reply, "limit", limit);
      }
      case KeySpec.Find.Counted(int numberIndex, int firstIndex, int step) -> {
        part(reply, "keynum", 3);
        number(reply, "keynumidx", numberIndex);
        number(reply, "firstkey", firstIndex);
        number(reply, "keystep", step);
      }
      case KeySpec.Find.Unknown() -> part(reply, "unknown", 0);
    }
  }

  private static void part(Reply reply, String type, int entries) {
    reply.map(2);
    reply.bulk("type");
    reply.bulk(type);
    reply.bulk("spec");
    reply.map(entries);
  }

  private static void number(Reply reply, String name, int value) {
    reply.bulk(name);
    reply.integer(value);
  }

  /// The words of key flags, as COMMAND GETKEYSANDFLAGS shows them too.
  static void keyFlags(Reply reply, int flagBits) {
    reply.set(Integer.bitCount(flagBits));
    for (KeyFlag flag : KeyFlag.values()) {
      if ((flagBits & flag.bit()) != 0) {
        reply.simple(flag.word());
      }
    }
  }

  // ---- COMMAND DOCS ----------------------------------------------------------------------------

  static void docs(Reply reply, Declaration declaration) {
    int mark = reply.deferArray();
    int entries = 3;
    text(reply, "summary", declaration.summary());
    text(reply, "since", declaration.since());
    text(reply, "group", declaration.group().word());
    entries += text(reply, "complexity", declaration.complexity());
    if (!declaration.docFlags().isEmpty()) {
      entries++;
      reply.bulk("doc_flags");
      reply.set(declaration.docFlags().size());
      for (DocFlag flag : declaration.docFlags()) {
        reply.simple(flag.word());
      }
    }
    entries += text(reply, "deprecated_since", declaration.deprecatedSince());
    entries += text(reply, "replaced_by", declaration.replacedBy());
    if (!declaration.history().isEmpty()) {
      entries++;
      reply.bulk("history");
      reply.set(declaration.history().size());
      for (Declaration.Change change : declaration.history()) {
        reply.array(2);
        reply.bulk(change.version());
        reply.bulk(change.what());
      }
    }
    if (!declaration.args().isEmpty()) {
      entries++;
      reply.bulk("arguments");
      args(reply, declaration.args());
    }
    if (declaration.isContainer()) {
      entries++;
      reply.bulk("subcommands");
      reply.map(declaration.subcommands().size());
      for (Declaration subcommand : declaration.subcommands()) {
        reply.bulk(subcommand.name());
        docs(reply, subcommand);
      }
    }
    reply.closeMap(mark, entries);
  }

  private static void args(Reply reply, List<Arg> args) {
    reply.array(args.size());
    for (Arg arg : args) {
      arg(reply, arg);
    }
  }

  private static void arg(Reply reply, Arg arg) {
    int mark = reply.deferArray();
    int entries = 2;
    text(reply, "name", arg.name());
    text(reply, "type", arg.type().word());
    entries += text(reply, "display_text", arg.displayText());
    if (arg.keySpec() >= 0) {
      entries++;
      number(reply, "key_spec_index", arg.keySpec());
    }
    entries += text(reply, "token", arg.token());
    entries += text(reply, "summary", arg.summary());
    entries += text(reply, "since", arg.since());
    entries += text(reply, "deprecated_since", arg.deprecatedSince());
    int flags = count(arg.isOptional()) + count(arg.isMultiple()) + count(arg.isMultipleToken());
    if (flags > 0) {
      entries++;
      reply.bulk("flags");
      reply.set(flags);
      flag(reply, arg.isOptional(), "optional");
      flag(reply, arg.isMultiple(), "multiple");
      flag(reply, arg.isMultipleToken(), "multiple_token");
    }
    if (!arg.args().isEmpty()) {
      entries++;
      reply.bulk("arguments");
      args(reply, arg.args());
    }
    reply.closeMap(mark, entries);
  }

  private static int count(boolean is) {
    return is ? 1 : 0;
  }

  private static void flag(Reply reply, boolean is, String word) {
    if (is) {
      reply.simple(word);
    }
  }

  /// Writes an entry if there is a value; replies with the number of entries written.
  private static int text(Reply reply, String name, @Nullable String value) {
    if (value == null) {
      return 0;
    }
    reply.bulk(name);
    reply.bulk(value);
    return 1;
  }
}
