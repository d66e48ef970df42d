package carnelian.persistence.log;

import static carnelian.command.Arg.integer;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.NO_ASYNC_LOADING;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.simple;
import static carnelian.command.Tip.REQUEST_ALL_SHARDS;
import static carnelian.command.Tip.RESPONSE_AGG_MIN;
import static carnelian.engine.Command.command;

import carnelian.command.AclCategory;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import java.util.List;

/// The commands of the log.
final class LogCommands {
  private static final ReplyError IN_PROGRESS =
      ReplyError.err("Background append only file rewriting already in progress");

  private static final ReplyError OUT_OF_RANGE = ReplyError.err("value is out of range");
  private static final ReplyError NEGATIVE_TIMEOUT = ReplyError.err("timeout is negative");
  private static final ReplyError NOT_LOGGED =
      ReplyError.err("WAITAOF cannot be used when numlocal is set but appendonly is disabled.");

  private final Log log;

  LogCommands(Log log) {
    this.log = log;
  }

  List<Command> all() {
    return List.of(bgrewriteaof(), waitaof());
  }

  /// BGREWRITEAOF — Rewrites the append only file in the background.
  private Command bgrewriteaof() {
    return command(
        declare("BGREWRITEAOF")
            .group(Group.SERVER)
            .since("1.0.0")
            .complexity("O(1)")
            .summary("Rewrites the append only file in the background.")
            .arity(1)
            .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
            .replies(simple()),
        this::bgrewriteaof);
  }

  private void bgrewriteaof(Call call) {
    LogRewrites rewrites = log.rewrites();
    if (rewrites.isRunning()) {
      throw IN_PROGRESS;
    }
    // Not within a transaction: what it has changed so far is not in the log yet.
    if (call.isTopLevel() && rewrites.start()) {
      call.reply().simple("Background append only file rewriting started");
    } else {
      rewrites.schedule();
      call.reply().simple("Background append only file rewriting scheduled");
    }
  }

  /// WAITAOF numlocal numreplicas timeout — Waits until the writes so far are on disk.
  private Command waitaof() {
    return command(
        declare("WAITAOF")
            .group(Group.GENERIC)
            .since("7.2.0")
            .complexity("O(1)")
            .summary("Waits until the writes so far are on disk.")
            .arity(4)
            .flags(NOSCRIPT)
            .tips(REQUEST_ALL_SHARDS, RESPONSE_AGG_MIN)
            .categories(AclCategory.CONNECTION)
            .args(integer("numlocal"), integer("numreplicas"), integer("timeout"))
            .replies(array()),
        this::waitaof);
  }

  private void waitaof(Call call) {
    long local = call.integer(1, 0, 1, OUT_OF_RANGE);
    long replicas = call.integer(2, 0, Integer.MAX_VALUE, OUT_OF_RANGE);
    long timeout = call.integer(3, 0, Long.MAX_VALUE, NEGATIVE_TIMEOUT);
    if (local > 0 && !log.isOn()) {
      throw NOT_LOGGED;
    }
    log.waits().waitFor(call, local, replicas, timeout);
  }
}
