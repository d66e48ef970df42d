package carnelian.engine.transactions;

import static carnelian.command.Arg.key;
import static carnelian.command.CommandFlag.ALLOW_BUSY;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.SKIP_SLOWLOG;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeySpec.allFrom;
import static carnelian.command.ReplyShape.array;
import static carnelian.command.ReplyShape.nil;
import static carnelian.command.ReplyShape.ok;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.ReplyError;
import java.util.List;

/// The commands of transactions.
public final class TransactionCommands {
  private final Engine engine;

  public TransactionCommands(Engine engine) {
    this.engine = engine;
  }

  /// DISCARD — Forgets the queued commands and leaves the transaction.
  private Command discard() {
    return command(
        declare("DISCARD")
            .group(Group.TRANSACTIONS)
            .since("2.0.0")
            .complexity("O(N), N = queued commands")
            .summary("Forgets the queued commands and leaves the transaction.")
            .arity(1)
            .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
            .replies(ok()),
        this::discard);
  }

  private void discard(Call call) {
    if (!call.client().isInTransaction()) {
      throw ReplyError.DISCARD_WITHOUT_MULTI;
    }
    engine.discardTransaction(call.client());
    call.reply().ok();
  }

  /// EXEC — Runs the queued commands without interruption.
  private Command exec() {
    return command(
        declare("EXEC")
            .group(Group.TRANSACTIONS)
            .since("1.2.0")
            .complexity("Depends on commands in the transaction")
            .summary("Runs the queued commands without interruption.")
            .arity(1)
            .flags(NOSCRIPT, LOADING, STALE, SKIP_SLOWLOG)
            .replies(array(), nil()),
        call -> engine.executeTransaction(call.client()));
  }

  /// MULTI — Begins to queue commands for a transaction.
  private Command multi() {
    return command(
        declare("MULTI")
            .group(Group.TRANSACTIONS)
            .since("1.2.0")
            .complexity("O(1)")
            .summary("Begins to queue commands for a transaction.")
            .arity(1)
            .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
            .replies(ok()),
        this::multi);
  }

  private void multi(Call call) {
    if (!engine.beginTransaction(call.client())) {
      throw ReplyError.NESTED_MULTI;
    }
    call.reply().ok();
  }

  /// UNWATCH — Forgets all watched keys.
  private Command unwatch() {
    return command(
        declare("UNWATCH")
            .group(Group.TRANSACTIONS)
            .since("2.2.0")
            .complexity("O(1)")
            .summary("Forgets all watched keys.")
            .arity(1)
            .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
            .replies(ok()),
        this::unwatch);
  }

  private void unwatch(Call call) {
    engine.unwatch(call.client());
    call.reply().ok();
  }

  /// WATCH — Makes EXEC fail if one of these keys changes before it.
  private Command watch() {
    return command(
        declare("WATCH")
            .group(Group.TRANSACTIONS)
            .since("2.2.0")
            .complexity("O(1) for every key")
            .summary("Makes EXEC fail if one of these keys changes before it.")
            .arity(-2)
            .flags(NOSCRIPT, LOADING, STALE, FAST, ALLOW_BUSY)
            .keys(allFrom(1, RO))
            .args(key("key").multiple())
            .replies(ok()),
        this::watch);
  }

  private void watch(Call call) {
    if (call.client().isInTransaction()) {
      throw ReplyError.WATCH_INSIDE_MULTI;
    }
    engine.watch(call, 1, call.argc() - 1);
    call.reply().ok();
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  public static final String NAMES = "DISCARD EXEC MULTI UNWATCH WATCH";

  public List<Command> all() {
    return List.of(discard(), exec(), multi(), unwatch(), watch());
  }
}
