package carnelian.engine.acl;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.bulk;
import static carnelian.command.ReplyShape.integer;
import static carnelian.command.ReplyShape.map;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.REQUEST_ALL_NODES;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.base.OsError;
import carnelian.base.RandomSource;
import carnelian.command.AclCategory;
import carnelian.command.Arguments;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Client;
import carnelian.engine.Command;
import carnelian.engine.CommandEntry;
import carnelian.engine.CommandTable;
import carnelian.engine.Denial;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// ACL: users made, changed, shown and removed, and the audit of what they were refused.
public final class AclCommands {
  private static final ReplyError DEFAULT_USER_STAYS =
      ReplyError.err("The 'default' user cannot be removed");
  private static final ReplyError BAD_NAME =
      ReplyError.err("Usernames can't contain spaces or null characters");
  private static final ReplyError NO_FILE =
      ReplyError.err(
          "This Redis instance is not configured to use an ACL file. You may want to specify users"
              + " via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a"
              + " Redis configuration file set) in order to store users in the Redis"
              + " configuration.");
  private static final String SAVE_FAILED =
      "There was an error trying to save the ACLs. Please check the server logs for more"
          + " information";
  private static final String NO_ACCESS = "This user has no permissions to access the '";

  private static final int SHOWN_LETTERS = 128;
  private static final int DEFAULT_PASSWORD_BITS = 256;
  private static final int MOST_PASSWORD_BITS = 4096;
  private static final int DEFAULT_LOG_ENTRIES = 10;
  private static final double MILLIS_PER_SECOND = 1000;

  private final Acl acl;

  public AclCommands(Acl acl) {
    this.acl = acl;
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES = "ACL";

  /// ACL — Deals with users and their rights; see its subcommands.
  public List<Command> all() {
    return List.of(
        container(
            declare("ACL")
                .group(Group.SERVER)
                .since("6.0.0")
                .complexity("Depends on subcommand")
                .summary("Deals with users and their rights; see its subcommands.")
                .arity(-2),
            List.of(
                catCommand(),
                deluserCommand(),
                dryrunCommand(),
                genpassCommand(),
                getuserCommand(),
                helpCommand(),
                listCommand(),
                loadCommand(),
                logCommand(),
                saveCommand(),
                setuserCommand(),
                usersCommand(),
                whoamiCommand())));
  }

  private static String shown(String word) {
    return word.length() <= SHOWN_LETTERS ? word : word.substring(0, SHOWN_LETTERS);
  }

  /// ACL CAT — Lists the categories, or the commands of one.
  private Command catCommand() {
    return command(
        declare("ACL|CAT")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(1)")
            .summary("Lists the categories, or the commands of one.")
            .arity(-2)
            .flags(NOSCRIPT, LOADING, STALE)
            .args(string("category").optional())
            .replies(array()),
        this::cat);
  }

  private void cat(Call call) {
    if (call.argc() > 3) {
      throw Help.hint(call);
    }
    Reply reply = call.reply();
    if (call.argc() == 2) {
      AclCategory[] categories = AclCategory.values();
      reply.array(categories.length);
      for (AclCategory category : categories) {
        reply.bulk(category.word());
      }
      return;
    }
    AclCategory category = AclCategory.named(call.arg(2).toString());
    if (category == null) {
      throw ReplyError.err("Unknown category '" + shown(call.arg(2).toString()) + "'");
    }
    int mark = reply.deferArray();
    reply.closeArray(mark, list(reply, acl.commands().declared(), category));
  }

  private static int list(Reply reply, List<CommandEntry> entries, AclCategory category) {
    int listed = 0;
    for (CommandEntry entry : entries) {
      if (entry.declaration().isIn(category)) {
        reply.bulk(entry.name());
        listed++;
      }
      CommandTable subcommands = entry.subcommands();
      if (subcommands != null) {
        listed += list(reply, subcommands.entries(), category);
      }
    }
    return listed;
  }

  /// ACL DELUSER — Deletes users and closes their connections.
  private Command deluserCommand() {
    return command(
        declare("ACL|DELUSER")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(1), amortized")
            .summary("Deletes users and closes their connections.")
            .arity(-3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(string("username").multiple())
            .replies(integer())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED),
        this::deluser);
  }

  private void deluser(Call call) {
    for (int i = 2; i < call.argc(); i++) {
      if (call.arg(i).is(Client.DEFAULT_USER)) {
        throw DEFAULT_USER_STAYS;
      }
    }
    int deleted = 0;
    for (int i = 2; i < call.argc(); i++) {
      if (acl.delete(call.arg(i).toString())) {
        deleted++;
      }
    }
    call.reply().integer(deleted);
  }

  /// ACL DRYRUN — Tells whether a user may run a command, without running it.
  private Command dryrunCommand() {
    return command(
        declare("ACL|DRYRUN")
            .group(Group.SERVER)
            .since("7.0.0")
            .complexity("O(1)")
            .summary("Tells whether a user may run a command, without running it.")
            .arity(-4)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(string("username"), string("command"), string("arg").multiple().optional())
            .replies(ok(), bulk()),
        this::dryrun);
  }

  private void dryrun(Call call) {
    User user = acl.find(call.arg(2).toString());
    if (user == null) {
      throw ReplyError.err("User '" + call.arg(2) + "' not found");
    }
    Arguments args = new Rest(call);
    CommandEntry entry = acl.commands().find(args.arg(0));
    if (entry != null && args.argc() > 1 && entry.subcommands() != null) {
      entry = entry.subcommands().find(args.arg(1));
    }
    if (entry == null) {
      throw ReplyError.err("Command '" + call.arg(3) + "' not found");
    }
    if (!entry.declaration().accepts(args.argc())) {
      throw ReplyError.wrongNumberOfArguments(entry.name());
    }
    Denial denial = acl.dryRun(user, entry, args);
    switch (denial) {
      case null -> call.reply().ok();
      case COMMAND ->
          call.reply()
              .bulk("This user has no permissions to run the '" + entry.name() + "' command");
      case KEY -> call.reply().bulk(NO_ACCESS + acl.culprit(args) + "' key");
      case CHANNEL -> call.reply().bulk(NO_ACCESS + acl.culprit(args) + "' channel");
    }
  }

  /// The call that ACL DRYRUN tries.
  private record Rest(Call call) implements Arguments {
    @Override
    public int argc() {
      return call.argc() - 3;
    }

    @Override
    public Slice arg(int index) {
      return call.arg(index + 3);
    }
  }

  /// ACL GENPASS — Makes a password that cannot be guessed.
  private Command genpassCommand() {
    return command(
        declare("ACL|GENPASS")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(1)")
            .summary("Makes a password that cannot be guessed.")
            .arity(-2)
            .flags(NOSCRIPT, LOADING, STALE)
            .args(integer("bits").optional())
            .replies(bulk()),
        AclCommands::genpass);
  }

  private static void genpass(Call call) {
    if (call.argc() > 3) {
      throw Help.hint(call);
    }
    long bits = call.argc() == 3 ? call.integer(2) : DEFAULT_PASSWORD_BITS;
    if (bits <= 0 || bits > MOST_PASSWORD_BITS) {
      throw ReplyError.err(
          "ACL GENPASS argument must be the number of bits for the output password, a positive"
              + " number up to "
              + MOST_PASSWORD_BITS);
    }
    int digits = (int) (bits + 3) / 4;
    String password = HexFormat.of().formatHex(RandomSource.secret((digits + 1) / 2));
    call.reply().bulk(password.substring(0, digits));
  }

  /// ACL GETUSER — Describes a user.
  private Command getuserCommand() {
    return command(
        declare("ACL|GETUSER")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(N)")
            .summary("Describes a user.")
            .arity(3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(string("username"))
            .replies(map(), nil())
            .history("6.2.0", "Knows channel patterns.")
            .history("7.0.0", "Replies with selectors, and with patterns as rules."),
        this::getuser);
  }

  private void getuser(Call call) {
    Reply reply = call.reply();
    User user = acl.find(call.arg(2).toString());
    if (user == null) {
      reply.nil();
      return;
    }
    reply.map(6);
    reply.bulk("flags");
    List<String> flags = user.flags();
    reply.set(flags.size());
    flags.forEach(reply::bulk);
    reply.bulk("passwords");
    reply.array(user.hashes().size());
    user.hashes().forEach(reply::bulk);
    describe(reply, user.selectors().getFirst());
    reply.bulk("selectors");
    List<Selector> others = user.selectors().subList(1, user.selectors().size());
    reply.array(others.size());
    for (Selector selector : others) {
      reply.map(3);
      describe(reply, selector);
    }
  }

  private static void describe(Reply reply, Selector selector) {
    reply.bulk("commands");
    reply.bulk(selector.commandRules());
    reply.bulk("keys");
    reply.bulk(selector.keyRules());
    reply.bulk("channels");
    reply.bulk(selector.channelRules());
  }

  /// ACL HELP — Lists the subcommands.
  private Command helpCommand() {
    return command(
        declare("ACL|HELP")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// ACL LIST — Lists all users as rules.
  private Command listCommand() {
    return command(
        declare("ACL|LIST")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(N)")
            .summary("Lists all users as rules.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(array()),
        this::list);
  }

  private void list(Call call) {
    List<String> lines = acl.lines();
    call.reply().array(lines.size());
    lines.forEach(call.reply()::bulk);
  }

  /// ACL LOAD — Reads the users from the ACL file.
  private Command loadCommand() {
    return command(
        declare("ACL|LOAD")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(N)")
            .summary("Reads the users from the ACL file.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(ok()),
        this::load);
  }

  private void load(Call call) {
    if (!acl.hasFile()) {
      throw NO_FILE;
    }
    String errors = acl.load();
    if (errors != null) {
      throw ReplyError.err(errors);
    }
    call.reply().ok();
  }

  /// ACL LOG — Lists recent refusals, or forgets them.
  private Command logCommand() {
    return command(
        declare("ACL|LOG")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(N), N = entries shown")
            .summary("Lists recent refusals, or forgets them.")
            .arity(-2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(oneOf("operation", integer("count"), pureToken("RESET")).optional())
            .replies(array(), ok())
            .history("7.2.0", "Replies with the entry's ID and times too."),
        this::log);
  }

  private void log(Call call) {
    if (call.argc() > 3) {
      throw Help.hint(call);
    }
    if (call.argc() == 3 && call.is(2, "RESET")) {
      acl.log().clear();
      call.reply().ok();
      return;
    }
    long count = call.argc() == 3 ? call.integer(2) : DEFAULT_LOG_ENTRIES;
    List<AclLog.Entry> entries = acl.log().newest(count);
    call.reply().array(entries.size());
    for (AclLog.Entry entry : entries) {
      describe(call, entry);
    }
  }

  private static void describe(Call call, AclLog.Entry entry) {
    Reply reply = call.reply();
    reply.map(10);
    reply.bulk("count");
    reply.integer(entry.count);
    reply.bulk("reason");
    reply.bulk(entry.reason.word());
    reply.bulk("context");
    reply.bulk(entry.context.name().toLowerCase(Locale.ROOT));
    reply.bulk("object");
    reply.bulk(entry.object);
    reply.bulk("username");
    reply.bulk(entry.user);
    reply.bulk("age-seconds");
    reply.number((call.nowMillis() - entry.updatedMillis) / MILLIS_PER_SECOND);
    reply.bulk("client-info");
    reply.bulk(entry.client);
    reply.bulk("entry-id");
    reply.integer(entry.id);
    reply.bulk("timestamp-created");
    reply.integer(entry.createdMillis);
    reply.bulk("timestamp-last-updated");
    reply.integer(entry.updatedMillis);
  }

  /// ACL SAVE — Writes the users to the ACL file.
  private Command saveCommand() {
    return command(
        declare("ACL|SAVE")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(N)")
            .summary("Writes the users to the ACL file.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(ok())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED),
        this::save);
  }

  private void save(Call call) {
    if (!acl.hasFile()) {
      throw NO_FILE;
    }
    try {
      acl.save();
    } catch (IOException e) {
      throw ReplyError.err(SAVE_FAILED + ": " + OsError.text(e));
    }
    call.reply().ok();
  }

  /// ACL SETUSER — Creates a user or changes one.
  private Command setuserCommand() {
    return command(
        declare("ACL|SETUSER")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(N)")
            .summary("Creates a user or changes one.")
            .arity(-3)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .args(string("username"), string("rule").multiple().optional())
            .replies(ok())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED)
            .history("6.2.0", "Knows channel patterns.")
            .history("7.0.0", "Knows selectors and key permissions."),
        this::setuser);
  }

  private void setuser(Call call) {
    String name = call.arg(2).toString();
    if (Selector.hasSpaces(name)) {
      throw BAD_NAME;
    }
    List<String> rules = new ArrayList<>();
    for (int i = 3; i < call.argc(); i++) {
      rules.add(call.arg(i).toString());
    }
    String error = acl.set(name, rules);
    if (error != null) {
      throw ReplyError.err(error);
    }
    call.reply().ok();
  }

  /// ACL USERS — Lists the names of all users.
  private Command usersCommand() {
    return command(
        declare("ACL|USERS")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(N)")
            .summary("Lists the names of all users.")
            .arity(2)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE)
            .replies(array()),
        this::users);
  }

  private void users(Call call) {
    call.reply().array(acl.all().size());
    acl.all().forEach(user -> call.reply().bulk(user.name()));
  }

  /// ACL WHOAMI — Replies with the connection's user.
  private Command whoamiCommand() {
    return command(
        declare("ACL|WHOAMI")
            .group(Group.SERVER)
            .since("6.0.0")
            .complexity("O(1)")
            .summary("Replies with the connection's user.")
            .arity(2)
            .flags(NOSCRIPT, LOADING, STALE)
            .replies(bulk()),
        call -> call.reply().bulk(call.client().user()));
  }
}
