package carnelian.datatypes;

import carnelian.engine.Command;
import carnelian.engine.CommandFamily;
import java.util.List;

/// The list of families: a new one is named here and nowhere else.
public final class DataTypes {
  private DataTypes() {}

  /// All commands of this module, by families. Lambdas, because to name a class's method is to load
  /// the class.
  public static List<CommandFamily> families() {
    return List.of(
        new CommandFamily(BitCommands.NAMES, () -> BitCommands.all()),
        new CommandFamily(BitfieldCommands.NAMES, () -> BitfieldCommands.all()),
        new CommandFamily(ConditionalStringCommands.NAMES, () -> ConditionalStringCommands.all()),
        new CommandFamily(ExpireCommands.NAMES, () -> ExpireCommands.all()),
        new CommandFamily(GeoCommands.NAMES, () -> GeoCommands.all()),
        new CommandFamily(GeoSearchCommands.NAMES, () -> GeoSearchCommands.all()),
        new CommandFamily(HashCommands.NAMES, () -> HashCommands.all()),
        new CommandFamily(HashFieldCommands.NAMES, () -> HashFieldCommands.all()),
        new CommandFamily(HashFieldExpiryCommands.NAMES, () -> HashFieldExpiryCommands.all()),
        new CommandFamily(HyperLogLogCommands.NAMES, () -> HyperLogLogCommands.all()),
        new CommandFamily(HyperLogLogDebugCommands.NAMES, () -> HyperLogLogDebugCommands.all()),
        new CommandFamily(KeyCommands.NAMES, () -> KeyCommands.all()),
        new CommandFamily(LcsCommand.NAMES, () -> LcsCommand.all()),
        new CommandFamily(ListCommands.NAMES, () -> ListCommands.all()),
        new CommandFamily(ListMoveCommands.NAMES, () -> ListMoveCommands.all()),
        new CommandFamily(ObjectCommands.NAMES, () -> ObjectCommands.all()),
        new CommandFamily(ScanCommands.NAMES, () -> ScanCommands.all()),
        new CommandFamily(SetAlgebraCommands.NAMES, () -> SetAlgebraCommands.all()),
        new CommandFamily(SetCommands.NAMES, () -> SetCommands.all()),
        new CommandFamily(SortCommands.NAMES, () -> SortCommands.all()),
        new CommandFamily(SortedSetAlgebraCommands.NAMES, () -> SortedSetAlgebraCommands.all()),
        new CommandFamily(SortedSetCommands.NAMES, () -> SortedSetCommands.all()),
        new CommandFamily(SortedSetPopCommands.NAMES, () -> SortedSetPopCommands.all()),
        new CommandFamily(SortedSetRangeCommands.NAMES, () -> SortedSetRangeCommands.all()),
        new CommandFamily(StreamClaimCommands.NAMES, () -> StreamClaimCommands.all()),
        new CommandFamily(StreamCommands.NAMES, () -> StreamCommands.all()),
        new CommandFamily(StreamGroupCommands.NAMES, () -> StreamGroupCommands.all()),
        new CommandFamily(StreamInfoCommands.NAMES, () -> StreamInfoCommands.all()),
        new CommandFamily(StreamReadCommands.NAMES, () -> StreamReadCommands.all()),
        new CommandFamily(StringCommands.NAMES, () -> StringCommands.all()),
        new CommandFamily(StringCounterCommands.NAMES, () -> StringCounterCommands.all()));
  }

  /// All commands of this module.
  public static List<Command> commands() {
    return families().stream().flatMap(family -> family.commands().get().stream()).toList();
  }
}
