package carnelian.server;

import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.REQUEST_ALL_SHARDS;
import static carnelian.command.Tip.RESPONSE_SPECIAL;
import static carnelian.engine.Command.command;

import carnelian.command.AclCategory;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// INFO: sections of what the server is and does, each written by an [InfoSection].
final class InfoCommand {
  private final List<InfoSection> sections;

  InfoCommand(List<InfoSection> sections) {
    this.sections = List.copyOf(sections);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "INFO";

  List<Command> all() {
    return List.of(info());
  }

  /// INFO — Reports what the server is and does.
  private Command info() {
    return command(
        declare("INFO")
            .group(Group.SERVER)
            .since("1.0.0")
            .complexity("O(1)")
            .summary("Reports what the server is and does.")
            .arity(-1)
            .flags(LOADING, STALE)
            .categories(AclCategory.DANGEROUS)
            .args(string("section").multiple().optional())
            .replies(bulk())
            .tips(NONDETERMINISTIC_OUTPUT, REQUEST_ALL_SHARDS, RESPONSE_SPECIAL)
            .history("7.0.0", "Takes more than one section."),
        this::info);
  }

  private void info(Call call) {
    Set<String> wanted = new LinkedHashSet<>();
    for (int i = 1; i < call.argc(); i++) {
      wanted.add(call.arg(i).toString().toLowerCase(Locale.ROOT));
    }
    boolean all = wanted.contains("all") || wanted.contains("everything");
    boolean standard = wanted.isEmpty() || wanted.contains("default");
    StringBuilder text = new StringBuilder();
    for (InfoSection section : sections) {
      String name = section.name().toLowerCase(Locale.ROOT);
      if (all || (standard && section.isStandard()) || wanted.contains(name)) {
        text.append(text.isEmpty() ? "" : "\r\n");
        text.append("# ").append(section.name()).append("\r\n");
        section.write(
            (field, value) -> text.append(field).append(':').append(value).append("\r\n"));
      }
    }
    call.reply().verbatim("txt", text.toString());
  }
}
