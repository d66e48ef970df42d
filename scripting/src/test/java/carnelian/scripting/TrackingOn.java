package carnelian.scripting;

import static carnelian.command.CommandFlag.LOADING;
import static carnelian.command.Declaration.declare;

import carnelian.command.Group;
import carnelian.engine.Command;
import carnelian.engine.Engine;
import carnelian.engine.tracking.Tracking;
import carnelian.engine.tracking.TrackingCommands;
import java.util.List;

/// CLIENT TRACKING without the rest of CLIENT.
final class TrackingOn {
  private TrackingOn() {}

  static List<Command> commands(Engine engine, Tracking tracking) {
    return List.of(
        Command.container(
            declare("CLIENT")
                .group(Group.CONNECTION)
                .since("2.4.0")
                .summary("Some of CLIENT.")
                .arity(-2)
                .flags(LOADING),
            List.of(new TrackingCommands(engine, tracking).tracking())));
  }
}
