package carnelian.datatypes;

import carnelian.engine.Command;
import carnelian.engine.CommandFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// The list of families: a new one is named here and nowhere else.
public final class DataTypes {
  private DataTypes() {}

  /// An enum and a switch, where lambdas would read as well: each of those takes the first start in
  /// a process a third of a millisecond.
  private enum Family implements Supplier<List<Command>> {
    BIT(BitCommands.NAMES),
    BITFIELD(BitfieldCommands.NAMES),
    CONDITIONAL_STRING(ConditionalStringCommands.NAMES),
    EXPIRE(ExpireCommands.NAMES),
    GEO(GeoCommands.NAMES),
    GEO_SEARCH(GeoSearchCommands.NAMES),
    HASH(HashCommands.NAMES),
    HASH_FIELD(HashFieldCommands.NAMES),
    HASH_FIELD_EXPIRY(HashFieldExpiryCommands.NAMES),
    HYPER_LOG_LOG(HyperLogLogCommands.NAMES),
    HYPER_LOG_LOG_DEBUG(HyperLogLogDebugCommands.NAMES),
    KEY(KeyCommands.NAMES),
    LCS(LcsCommand.NAMES),
    LIST(ListCommands.NAMES),
    LIST_MOVE(ListMoveCommands.NAMES),
    OBJECT(ObjectCommands.NAMES),
    SCAN(ScanCommands.NAMES),
    SET_ALGEBRA(SetAlgebraCommands.NAMES),
    SET(SetCommands.NAMES),
    SORT(SortCommands.NAMES),
    SORTED_SET_ALGEBRA(SortedSetAlgebraCommands.NAMES),
    SORTED_SET(SortedSetCommands.NAMES),
    SORTED_SET_POP(SortedSetPopCommands.NAMES),
    SORTED_SET_RANGE(SortedSetRangeCommands.NAMES),
    STREAM_CLAIM(StreamClaimCommands.NAMES),
    STREAM(StreamCommands.NAMES),
    STREAM_GROUP(StreamGroupCommands.NAMES),
    STREAM_INFO(StreamInfoCommands.NAMES),
    STREAM_READ(StreamReadCommands.NAMES),
    STRING(StringCommands.NAMES),
    STRING_COUNTER(StringCounterCommands.NAMES);

    final String names;

    Family(String names) {
      this.names = names;
    }

    @Override
    public List<Command> get() {
      return switch (this) {
        case BIT -> BitCommands.all();
        case BITFIELD -> BitfieldCommands.all();
        case CONDITIONAL_STRING -> ConditionalStringCommands.all();
        case EXPIRE -> ExpireCommands.all();
        case GEO -> GeoCommands.all();
        case GEO_SEARCH -> GeoSearchCommands.all();
        case HASH -> HashCommands.all();
        case HASH_FIELD -> HashFieldCommands.all();
        case HASH_FIELD_EXPIRY -> HashFieldExpiryCommands.all();
        case HYPER_LOG_LOG -> HyperLogLogCommands.all();
        case HYPER_LOG_LOG_DEBUG -> HyperLogLogDebugCommands.all();
        case KEY -> KeyCommands.all();
        case LCS -> LcsCommand.all();
        case LIST -> ListCommands.all();
        case LIST_MOVE -> ListMoveCommands.all();
        case OBJECT -> ObjectCommands.all();
        case SCAN -> ScanCommands.all();
        case SET_ALGEBRA -> SetAlgebraCommands.all();
        case SET -> SetCommands.all();
        case SORT -> SortCommands.all();
        case SORTED_SET_ALGEBRA -> SortedSetAlgebraCommands.all();
        case SORTED_SET -> SortedSetCommands.all();
        case SORTED_SET_POP -> SortedSetPopCommands.all();
        case SORTED_SET_RANGE -> SortedSetRangeCommands.all();
        case STREAM_CLAIM -> StreamClaimCommands.all();
        case STREAM -> StreamCommands.all();
        case STREAM_GROUP -> StreamGroupCommands.all();
        case STREAM_INFO -> StreamInfoCommands.all();
        case STREAM_READ -> StreamReadCommands.all();
        case STRING -> StringCommands.all();
        case STRING_COUNTER -> StringCounterCommands.all();
      };
    }
  }

  /// All commands of this module, by families.
  public static List<CommandFamily> families() {
    List<CommandFamily> families = new ArrayList<>();
    for (Family family : Family.values()) {
      families.add(new CommandFamily(family.names, family));
    }
    return families;
  }

  /// All commands of this module.
  public static List<Command> commands() {
    return families().stream().flatMap(family -> family.commands().get().stream()).toList();
  }
}
