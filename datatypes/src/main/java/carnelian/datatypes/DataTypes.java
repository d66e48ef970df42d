package carnelian.datatypes;

import carnelian.engine.Command;
import java.util.List;
import java.util.stream.Stream;

/// The list of families: a new one is named here and nowhere else.
public final class DataTypes {
  private DataTypes() {}

  /// All commands of this module.
  public static List<Command> commands() {
    return Stream.of(
            BitCommands.all(),
            BitfieldCommands.all(),
            ConditionalStringCommands.all(),
            ExpireCommands.all(),
            GeoCommands.all(),
            GeoSearchCommands.all(),
            HashCommands.all(),
            HashFieldCommands.all(),
            HashFieldExpiryCommands.all(),
            HyperLogLogCommands.all(),
            HyperLogLogDebugCommands.all(),
            KeyCommands.all(),
            LcsCommand.all(),
            ListCommands.all(),
            ListMoveCommands.all(),
            ObjectCommands.all(),
            ScanCommands.all(),
            SetAlgebraCommands.all(),
            SetCommands.all(),
            SortCommands.all(),
            SortedSetAlgebraCommands.all(),
            SortedSetCommands.all(),
            SortedSetPopCommands.all(),
            SortedSetRangeCommands.all(),
            StreamClaimCommands.all(),
            StreamCommands.all(),
            StreamGroupCommands.all(),
            StreamInfoCommands.all(),
            StreamReadCommands.all(),
            StringCommands.all(),
            StringCounterCommands.all())
        .flatMap(List::stream)
        .toList();
  }
}
