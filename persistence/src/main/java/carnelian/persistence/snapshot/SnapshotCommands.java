package carnelian.persistence.snapshot;

import static carnelian.command.Arg.pureToken;
import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.FAST;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.NO_ASYNC_LOADING;
import static carnelian.command.CommandFlag.NO_MULTI;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.ReplyShape.integer;
import static carnelian.command.ReplyShape.ok;
import static carnelian.command.ReplyShape.simple;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.engine.Command.command;

import carnelian.command.AclCategory;
import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import java.io.IOException;
import java.util.List;

/// The commands that save snapshots.
final class SnapshotCommands {
  private static final ReplyError IN_PROGRESS =
      ReplyError.err("Background save already in progress");
  private static final ReplyError BUSY =
      ReplyError.err(
          "Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in"
              + " order to schedule a BGSAVE whenever possible.");

  private final Snapshots snapshots;

  SnapshotCommands(Snapshots snapshots) {
    this.snapshots = snapshots;
  }

  List<Command> all() {
    return List.of(bgsave(), lastsave(), save());
  }

  /// BGSAVE — Saves a snapshot in the background.
  private Command bgsave() {
    return command(
        declare("BGSAVE")
            .group(Group.SERVER)
            .since("1.0.0")
            .complexity("O(1)")
            .summary("Saves a snapshot in the background.")
            .arity(-1)
            .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING)
            .args(pureToken("SCHEDULE").since("3.2.2").optional())
            .replies(simple())
            .history("3.2.2", "Takes `SCHEDULE`."),
        this::bgsave);
  }

  private void bgsave(Call call) {
    boolean schedule = call.argc() == 2 && call.is(1, "SCHEDULE");
    if (call.argc() > 1 && !schedule) {
      throw ReplyError.SYNTAX;
    }
    if (snapshots.isSavingInBackground()) {
      throw IN_PROGRESS;
    }
    if (!call.isTopLevel()) {
      // As in Redis, which does not fork within a transaction.
      schedule(call);
    } else if (!call.keyspace().heap().snapshotActive()) {
      if (snapshots.saveInBackground()) {
        call.reply().simple("Background saving started");
      } else {
        schedule(call); // Until another server of this host is done.
      }
    } else if (schedule) {
      schedule(call);
    } else {
      throw BUSY;
    }
  }

  private void schedule(Call call) {
    snapshots.schedule();
    call.reply().simple("Background saving scheduled");
  }

  /// LASTSAVE — Replies with the Unix time of the last snapshot that succeeded.
  private Command lastsave() {
    return command(
        declare("LASTSAVE")
            .group(Group.SERVER)
            .since("1.0.0")
            .complexity("O(1)")
            .summary("Replies with the Unix time of the last snapshot that succeeded.")
            .arity(1)
            .flags(LOADING, STALE, FAST)
            .categories(AclCategory.ADMIN, AclCategory.DANGEROUS)
            .replies(integer())
            .tips(NONDETERMINISTIC_OUTPUT),
        call -> call.reply().integer(snapshots.lastSaveSeconds()));
  }

  /// SAVE — Saves a snapshot and lets everyone wait.
  private Command save() {
    return command(
        declare("SAVE")
            .group(Group.SERVER)
            .since("1.0.0")
            .complexity("O(N), N = keys in all databases")
            .summary("Saves a snapshot and lets everyone wait.")
            .arity(1)
            .flags(ADMIN, NOSCRIPT, NO_ASYNC_LOADING, NO_MULTI)
            .replies(ok()),
        this::save);
  }

  private void save(Call call) {
    if (snapshots.isSavingInBackground()) {
      throw IN_PROGRESS;
    }
    try {
      snapshots.saveNow();
    } catch (IOException e) {
      throw ReplyError.err("saving failed: " + e.getMessage());
    }
    call.reply().ok();
  }
}
