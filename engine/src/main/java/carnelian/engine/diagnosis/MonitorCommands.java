package carnelian.engine.diagnosis;

import static carnelian.command.CommandFlag.ADMIN;
import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.CommandFlag.NOSCRIPT;
import static carnelian.command.CommandFlag.STALE;
import static carnelian.command.Declaration.declare;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import java.util.List;

/// MONITOR.
final class MonitorCommands {
  private static final ReplyError NOT_ALLOWED =
      ReplyError.err("MONITOR isn't allowed for DENY BLOCKING client");

  private final Monitors monitors;

  MonitorCommands(Monitors monitors) {
    this.monitors = monitors;
  }

  List<Command> all() {
    return List.of(monitor());
  }

  /// MONITOR — Shows every command as it is run.
  private Command monitor() {
    return command(
        declare("MONITOR")
            .group(Group.SERVER)
            .since("1.0.0")
            .summary("Shows every command as it is run.")
            .arity(1)
            .flags(ADMIN, NOSCRIPT, LOADING, STALE),
        this::monitor);
  }

  private void monitor(Call call) {
    if (!call.mayBlock()) {
      throw NOT_ALLOWED;
    }
    if (!call.client().isMonitor()) {
      monitors.add(call.client());
      call.reply().ok();
    } // As in Redis, a second MONITOR is not answered.
  }
}
