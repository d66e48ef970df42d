package carnelian.engine.diagnosis;

import static carnelian.command.Arg.integer;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.integer;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.REQUEST_ALL_NODES;
import static carnelian.command.Tip.RESPONSE_AGG_SUM;
import static carnelian.command.Tip.RESPONSE_ALL_SUCCEEDED;
import static carnelian.engine.Command.command;
import static carnelian.engine.Command.container;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.engine.introspection.Help;
import carnelian.resp.Reply;
import java.util.List;

/// SLOWLOG.
final class SlowLogCommands {
  private static final int DEFAULT_COUNT = 10;
  private static final int ENTRY_PARTS = 6;
  private static final ReplyError BAD_COUNT =
      ReplyError.err("count should be greater than or equal to -1");

  private final SlowLog log;

  SlowLogCommands(SlowLog log) {
    this.log = log;
  }

  List<Command> all() {
    return List.of(slowlog());
  }

  /// SLOWLOG — Looks at the slow log; see its subcommands.
  private Command slowlog() {
    return container(
        declare("SLOWLOG")
            .group(Group.SERVER)
            .since("2.2.12")
            .complexity("Depends on subcommand")
            .summary("Looks at the slow log; see its subcommands.")
            .arity(-2),
        List.of(slowlogGet(), slowlogHelp(), slowlogLen(), slowlogReset()));
  }

  /// SLOWLOG GET — Replies with entries of the slow log.
  private Command slowlogGet() {
    return command(
        declare("SLOWLOG|GET")
            .group(Group.SERVER)
            .since("2.2.12")
            .complexity("O(N), N = entries returned")
            .summary("Replies with entries of the slow log.")
            .arity(-2)
            .flags(ADMIN, LOADING, STALE)
            .args(integer("count").optional())
            .replies(array())
            .tips(REQUEST_ALL_NODES, NONDETERMINISTIC_OUTPUT)
            .history("4.0.0", "Replies with address and name of the client too."),
        this::get);
  }

  private void get(Call call) {
    if (call.argc() > 3) {
      throw Help.hint(call);
    }
    long count = call.argc() == 3 ? call.integer(2, -1, Long.MAX_VALUE, BAD_COUNT) : DEFAULT_COUNT;
    int shown = count < 0 ? log.length() : (int) Math.min(count, log.length());
    Reply reply = call.reply();
    reply.array(shown);
    for (SlowLog.Entry entry : log.entries()) {
      if (shown-- == 0) {
        break;
      }
      reply.array(ENTRY_PARTS);
      reply.integer(entry.id());
      reply.integer(entry.unixSeconds());
      reply.integer(entry.micros());
      reply.array(entry.args().size());
      for (byte[] argument : entry.args()) {
        reply.bulk(argument);
      }
      reply.bulk(entry.peer());
      reply.bulk(entry.name());
    }
  }

  /// SLOWLOG HELP — Lists the subcommands.
  private Command slowlogHelp() {
    return command(
        declare("SLOWLOG|HELP")
            .group(Group.SERVER)
            .since("6.2.0")
            .complexity("O(1)")
            .summary("Lists the subcommands.")
            .arity(2)
            .flags(LOADING, STALE)
            .replies(array()),
        Help::help);
  }

  /// SLOWLOG LEN — Counts the entries of the slow log.
  private Command slowlogLen() {
    return command(
        declare("SLOWLOG|LEN")
            .group(Group.SERVER)
            .since("2.2.12")
            .complexity("O(1)")
            .summary("Counts the entries of the slow log.")
            .arity(2)
            .flags(ADMIN, LOADING, STALE)
            .replies(integer())
            .tips(REQUEST_ALL_NODES, RESPONSE_AGG_SUM, NONDETERMINISTIC_OUTPUT),
        call -> call.reply().integer(log.length()));
  }

  /// SLOWLOG RESET — Empties the slow log.
  private Command slowlogReset() {
    return command(
        declare("SLOWLOG|RESET")
            .group(Group.SERVER)
            .since("2.2.12")
            .complexity("O(N), N = entries in the slowlog")
            .summary("Empties the slow log.")
            .arity(2)
            .flags(ADMIN, LOADING, STALE)
            .replies(ok())
            .tips(REQUEST_ALL_NODES, RESPONSE_ALL_SUCCEEDED),
        this::reset);
  }

  private void reset(Call call) {
    log.reset();
    call.reply().ok();
  }
}
