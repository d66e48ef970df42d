package carnelian.engine.introspection;

import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pattern;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.integer;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT_ORDER;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.AclCategory;
import carnelian.command.Arguments;
import carnelian.command.CommandFlag;
import carnelian.command.Declaration;
import carnelian.command.Group;
import carnelian.command.KeyPositions;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandTable;
import carnelian.engine.ReplyError;
import carnelian.memory.Glob;
import carnelian.memory.Memory;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// COMMAND: what the server tells about its commands, all of it from their declarations.
public final class CommandCommands {
  private static final ReplyError INVALID_COMMAND = ReplyError.err("Invalid command specified");
  private static final ReplyError NO_KEYS = ReplyError.err("The command has no key arguments");
  private static final ReplyError INVALID_ARGUMENT_COUNT =
      ReplyError.err("Invalid number of arguments specified for command");
  private static final ReplyError INVALID_ARGUMENTS =
      ReplyError.err("Invalid arguments specified for command");

  /// Arguments before those of the command that COMMAND GETKEYS is asked about.
  private static final int OWN_ARGUMENTS = 2;

  private final CommandTable commands;
  private final KeyPositions keys = new KeyPositions();

  public CommandCommands(CommandTable commands) {
    this.commands = commands;
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES = "COMMAND";

  public List<Command> all() {
    return List.of(root());
  }

  /// COMMAND — Describes all commands.
  private Command root() {
    return container(
        declare("COMMAND")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(N), N = Redis commands")
            .summary("Describes all commands.")
            .arity(-1)
            .flags(LOADING, STALE)
            .categories(AclCategory.CONNECTION)
            .tips(NONDETERMINISTIC_OUTPUT_ORDER),
        this::everything,
        List.of(
            commandCount(),
            commandDocs(),
            commandGetkeys(),
            commandGetkeysandflags(),
            commandHelp(),
            commandInfo(),
            commandList()));
  }

  private void everything(Call call) {
    Reply reply = call.reply();
    reply.array(commands.size());
    for (CommandEntry entry : commands.entries()) {
      DeclarationReply.info(reply, entry.declaration());
    }
  }

  /// COMMAND COUNT — Counts the commands.
  private Command commandCount() {
    return command(
        declare("COMMAND|COUNT")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(1)")
            .summary("Counts the commands.")
            .arity(2)
            .flags(LOADING, STALE)
            .categories(AclCategory.CONNECTION)
            .replies(integer()),
        call -> call.reply().integer(commands.size()));
  }

  /// COMMAND DOCS — Documents commands.
  private Command commandDocs() {
    return command(
        declare("COMMAND|DOCS")
            .group(Group.SERVER)
            .since("7.0.0")
            .complexity("O(N), N = commands to look up")
            .summary("Documents commands.")
            .arity(-2)
            .flags(LOADING, STALE)
            .categories(AclCategory.CONNECTION)
            .args(string("command-name").multiple().optional())
            .replies(map())
            .tips(NONDETERMINISTIC_OUTPUT_ORDER),
        this::docs);
  }

  private void docs(Call call) {
    Reply reply = call.reply();
    if (call.argc() == OWN_ARGUMENTS) {
      reply.map(commands.size());
      for (CommandEntry entry : commands.entries()) {
        reply.bulk(entry.name());
        DeclarationReply.docs(reply, entry.declaration());
      }
      return;
    }
    int mark = reply.deferArray();
    int found = 0;
    for (int i = OWN_ARGUMENTS; i < call.argc(); i++) {
      CommandEntry entry = byFullName(call.arg(i));
      if (entry != null) {
        reply.bulk(entry.name());
        DeclarationReply.docs(reply, entry.declaration());
        found++;
      }
    }
    reply.closeMap(mark, found);
  }

  /// COMMAND GETKEYS — Finds the keys among the arguments of a command.
  private Command commandGetkeys() {
    return command(
        declare("COMMAND|GETKEYS")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(N), N = arguments to the command")
            .summary("Finds the keys among the arguments of a command.")
            .arity(-3)
            .flags(LOADING, STALE)
            .categories(AclCategory.CONNECTION)
            .args(string("command"), string("arg").multiple().optional())
            .replies(array()),
        call -> keys(call, false));
  }

  /// COMMAND GETKEYSANDFLAGS — Finds the keys of a command and what it does with them.
  private Command commandGetkeysandflags() {
    return command(
        declare("COMMAND|GETKEYSANDFLAGS")
            .group(Group.SERVER)
            .since("7.0.0")
            .complexity("O(N), N = arguments to the command")
            .summary("Finds the keys of a command and what it does with them.")
            .arity(-3)
            .flags(LOADING, STALE)
            .categories(AclCategory.CONNECTION)
            .args(string("command"), string("arg").multiple().optional())
            .replies(array()),
        call -> keys(call, true));
  }

  private void keys(Call call, boolean withFlags) {
    Declaration declaration = askedAbout(call);
    Arguments args = new Rest(call);
    if (!declaration.hasKeys()) {
      throw NO_KEYS;
    }
    if (!declaration.accepts(args.argc())) {
      throw INVALID_ARGUMENT_COUNT;
    }
    int count = keys.find(declaration, args);
    if (count == 0 && !declaration.has(CommandFlag.NO_MANDATORY_KEYS)) {
      throw INVALID_ARGUMENTS;
    }
    Reply reply = call.reply();
    reply.array(count);
    for (int i = 0; i < count; i++) {
      if (withFlags) {
        reply.array(2);
      }
      reply.bulk(args.arg(keys.position(i)));
      if (withFlags) {
        DeclarationReply.keyFlags(reply, keys.flags(i));
      }
    }
  }

  private Declaration askedAbout(Call call) {
    CommandEntry entry = commands.find(call.arg(OWN_ARGUMENTS));
    if (entry != null && call.argc() > OWN_ARGUMENTS + 1) {
      CommandTable subcommands = entry.subcommands();
      entry = subcommands == null ? entry : subcommands.find(call.arg(OWN_ARGUMENTS + 1));
    }
    if (entry == null) {
      throw INVALID_COMMAND;
    }
    return entry.declaration();
  }

  /// The arguments of a call without the first two.
  private record Rest(Call call) implements Arguments {
    @Override
    public int argc() {
      return call.argc() - OWN_ARGUMENTS;
    }

    @Override
    public Slice arg(int index) {
      return call.arg(index + OWN_ARGUMENTS);
    }
  }

  /// COMMAND HELP — Lists the subcommands.
  private Command commandHelp() {
    return command(
        declare("COMMAND|HELP")
            .group(Group.SERVER)
            .since("5.0.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .categories(AclCategory.CONNECTION)
            .replies(array()),
        Help::help);
  }

  /// COMMAND INFO — Describes commands.
  private Command commandInfo() {
    return command(
        declare("COMMAND|INFO")
            .group(Group.SERVER)
            .since("2.8.13")
            .complexity("O(N), N = commands to look up")
            .summary("Describes commands.")
            .arity(-2)
            .flags(LOADING, STALE)
            .categories(AclCategory.CONNECTION)
            .args(string("command-name").multiple().optional())
            .replies(array())
            .tips(NONDETERMINISTIC_OUTPUT_ORDER)
            .history("7.0.0", "May be called without arguments."),
        this::info);
  }

  private void info(Call call) {
    if (call.argc() == OWN_ARGUMENTS) {
      everything(call);
      return;
    }
    Reply reply = call.reply();
    reply.array(call.argc() - OWN_ARGUMENTS);
    for (int i = OWN_ARGUMENTS; i < call.argc(); i++) {
      CommandEntry entry = byFullName(call.arg(i));
      if (entry == null) {
        reply.nil();
      } else {
        DeclarationReply.info(reply, entry.declaration());
      }
    }
  }

  /// COMMAND LIST — Lists the names of commands.
  private Command commandList() {
    return command(
        declare("COMMAND|LIST")
            .group(Group.SERVER)
            .since("7.0.0")
            .complexity("O(N), N = Redis commands")
            .summary("Lists the names of commands.")
            .arity(-2)
            .flags(LOADING, STALE)
            .categories(AclCategory.CONNECTION)
            .args(
                oneOf(
                        "filterby",
                        string("module-name").token("MODULE"),
                        string("category").token("ACLCAT"),
                        pattern("pattern").token("PATTERN"))
                    .token("FILTERBY")
                    .optional())
            .replies(array())
            .tips(NONDETERMINISTIC_OUTPUT_ORDER),
        this::list);
  }

  private void list(Call call) {
    Predicate<Declaration> wanted = filter(call);
    Reply reply = call.reply();
    int mark = reply.deferArray();
    reply.closeArray(mark, list(reply, commands, wanted));
  }

  private static int list(Reply reply, CommandTable table, Predicate<Declaration> wanted) {
    int listed = 0;
    for (CommandEntry entry : table.entries()) {
      if (wanted.test(entry.declaration())) {
        reply.bulk(entry.name());
        listed++;
      }
      CommandTable subcommands = entry.subcommands();
      if (subcommands != null) {
        listed += list(reply, subcommands, wanted);
      }
    }
    return listed;
  }

  private static Predicate<Declaration> filter(Call call) {
    if (call.argc() == OWN_ARGUMENTS) {
      return _ -> true;
    }
    if (call.argc() != 5 || !call.is(2, "FILTERBY")) {
      throw ReplyError.SYNTAX;
    }
    Slice wanted = call.arg(4);
    if (call.is(3, "MODULE")) {
      return _ -> false; // There are no modules.
    }
    if (call.is(3, "ACLCAT")) {
      AclCategory category = AclCategory.named(wanted.toString());
      return declaration -> category != null && declaration.isIn(category);
    }
    if (call.is(3, "PATTERN")) {
      return declaration -> Glob.matchesIgnoringCase(wanted, declaration.name());
    }
    throw ReplyError.SYNTAX;
  }

  // ---- Names -----------------------------------------------------------------------------------

  /// The command of a name such as `get` or `config|get`, or null.
  private @Nullable CommandEntry byFullName(Slice name) {
    int bar = 0;
    while (bar < name.length && Memory.getByte(name.at + bar) != '|') {
      bar++;
    }
    CommandEntry entry = commands.find(new Slice(name.at, bar));
    if (entry == null || bar == name.length) {
      return entry;
    }
    CommandTable subcommands = entry.subcommands();
    return subcommands == null
        ? null
        : subcommands.find(new Slice(name.at + bar + 1, name.length - bar - 1));
  }
}
