package carnelian.engine.introspection;

import carnelian.command.Arg;
import carnelian.command.Declaration;
import carnelian.engine.Call;
import carnelian.engine.CommandEntry;
import carnelian.engine.ReplyError;
import carnelian.resp.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The HELP of a container: its subcommands, their arguments and what they do, from their
/// declarations. A handler for any `…|HELP`.
public final class Help {
  private static final String INDENTATION = "    ";

  private Help() {}

  /// Replies to `CONTAINER HELP`.
  public static void help(Call call) {
    CommandEntry container = call.entry().container();
    if (container == null) {
      throw new IllegalStateException(call.name() + " is no subcommand");
    }
    List<String> lines = lines(container.declaration());
    Reply reply = call.reply();
    reply.array(lines.size());
    for (String line : lines) {
      reply.simple(line);
    }
  }

  /// The error that sends those to HELP who give a subcommand too many arguments.
  public static ReplyError hint(Call call) {
    return ReplyError.err(
        "unknown subcommand or wrong number of arguments for '"
            + call.arg(1)
            + "'. Try "
            + call.arg(0).toString().toUpperCase(Locale.ROOT)
            + " HELP.");
  }

  static List<String> lines(Declaration container) {
    List<String> lines = new ArrayList<>();
    lines.add(
        container.name().toUpperCase(Locale.ROOT)
            + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    for (Declaration subcommand : container.subcommands()) {
      if (!subcommand.ownName().equals("help")) {
        lines.add(usage(subcommand));
        lines.add(INDENTATION + subcommand.summary());
      }
    }
    lines.add("HELP");
    lines.add(INDENTATION + "Prints this help.");
    return lines;
  }

  private static String usage(Declaration subcommand) {
    StringBuilder usage = new StringBuilder(subcommand.ownName().toUpperCase(Locale.ROOT));
    for (Arg arg : subcommand.args()) {
      usage.append(' ');
      append(usage, arg);
    }
    return usage.toString();
  }

  private static void append(StringBuilder usage, Arg arg) {
    usage.append(arg.isOptional() ? "[" : "");
    String token = arg.token();
    if (token != null && !token.isEmpty()) {
      usage.append(token).append(arg.type() == Arg.Type.PURE_TOKEN ? "" : " ");
    }
    switch (arg.type()) {
      case STRING, INTEGER, DOUBLE, KEY, PATTERN, UNIX_TIME ->
          usage.append('<').append(arg.displayText()).append('>');
      case PURE_TOKEN -> {}
      case ONEOF -> append(usage, arg.args(), arg.isOptional() ? "" : "(", "|");
      case BLOCK -> append(usage, arg.args(), "", " ");
    }
    if (arg.type() == Arg.Type.ONEOF && !arg.isOptional()) {
      usage.append(')');
    }
    usage.append(arg.isMultiple() ? " ..." : "").append(arg.isOptional() ? "]" : "");
  }

  private static void append(StringBuilder usage, List<Arg> args, String before, String separator) {
    String next = before;
    for (Arg arg : args) {
      usage.append(next);
      append(usage, arg);
      next = separator;
    }
  }
}
